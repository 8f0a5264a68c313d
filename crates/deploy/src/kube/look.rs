//! Compares the applied objects of a cluster with the result of applying the manifests. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::applied::given_of;
use super::apply::{is_scaled, scaled};
use super::compare::{Change, Row};
use super::fields::{Fields, ours, part, union, with};
use super::prune::identity;
use super::survey::{Found, SIDE_BY_SIDE};
use super::{APP_LABEL, Field, Kube, KubeError, Object, Worker};
use crate::failure::Failure;

/// An object on both sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The index among the manifests, or `None` if no manifest exists.
    pub idx: Option<usize>,
    /// The object after applying its manifest, or `None` if it would be pruned.
    pub wanted: Option<Value>,
    /// The live values of applied, planned and manually changed fields. `None` if the object does not exist.
    pub found: Option<Value>,
    /// The manual changes.
    pub by_hand: Vec<Field>,
    /// The reason why the API server rejected the dry run.
    pub refused: Option<KubeError>,
}

impl<K: Kube> Worker<'_, K> {
    /// Returns all objects that have a manifest or were applied by meshsynth.
    pub async fn look(&self, wanted: &[Object]) -> Result<Vec<Seen>, Failure> {
        let known = self.inventory().await?.rows;
        let places: BTreeMap<String, usize> =
            wanted.iter().enumerate().map(|(idx, object)| (identity(&object.row()), idx)).collect();
        let known: Vec<Object> = known.iter().filter_map(|row| Object::of_row(row)).collect();
        let rows: BTreeSet<String> = known.iter().map(|object| identity(&object.row())).collect();
        // Include objects that another tool created under the name of a manifest.
        let others = wanted.iter().filter(|object| !rows.contains(&identity(&object.row())));
        let objects: Vec<&Object> = known.iter().chain(others).collect();
        let mut live: BTreeMap<usize, Found> = BTreeMap::new();
        let mut out = Vec::new();
        for (object, answer) in objects.iter().zip(self.survey(&objects).await?) {
            let found = answer.map_err(|error| self.failed(&format!("{} cannot be read", object.called()), &error))?;
            let Some(body) = &found.live else { continue };
            let is_ours = body["metadata"]["labels"][APP_LABEL] == self.app;
            let is_going = body["metadata"]["deletionTimestamp"].is_string();
            match places.get(&identity(&object.row())) {
                Some(idx) => drop(live.insert(*idx, found)),
                // Objects in deletion and objects without the app label are not pruned.
                None if is_ours && !is_going => out.push(Seen { found: Some(applied(body)), ..Seen::default() }),
                None => {}
            }
        }
        let scaled = scaled(wanted);
        let (scaled, live) = (&scaled, &live);
        let looks = wanted.iter().enumerate().map(|(idx, object)| async move {
            self.check_stop("was not changed")?;
            let seen = self.beside(object, is_scaled(object, scaled), live.get(&idx)).await;
            Ok::<_, Failure>(Seen { idx: Some(idx), ..seen })
        });
        let looks: Vec<Seen> = stream::iter(looks).buffered(SIDE_BY_SIDE).try_collect().await?;
        out.extend(looks);
        Ok(out)
    }

    /// Compares a manifest with its live object.
    async fn beside(&self, object: &Object, is_scaled: bool, found: Option<&Found>) -> Seen {
        let live = found.and_then(|found| found.live.as_ref());
        let body = self.body(object, is_scaled, live);
        let Some((live, path)) = live.zip(found.and_then(|found| found.path.as_ref())) else {
            return Seen { wanted: Some(body), ..Seen::default() };
        };
        match self.call(async || self.kube.would_apply(path, &body).await).await {
            Ok(would) => {
                let mut rows = self.rows(path, &body, &would, live).await;
                let is_of_scaler = |row: &Row| is_scaled && row.shown() == "spec.replicas";
                rows.retain(|row| !row.by.is_empty() && !is_of_scaler(row));
                let fields = compared(live, &would, &rows);
                let by_hand = rows.into_iter().map(Field::from).collect();
                let (wanted, found) = (named(&would, &fields), named(live, &fields));
                Seen { wanted: Some(wanted), found: Some(found), by_hand, ..Seen::default() }
            }
            Err(error) => {
                let (found, wanted) = unasked(live, body);
                Seen { wanted: Some(wanted), found: Some(found), refused: Some(error), ..Seen::default() }
            }
        }
    }
}

/// Returns both sides without a dry run. The old side contains the live values of the applied fields and the manifest
/// fields, regardless of their managers. The new side is the manifest.
fn unasked(live: &Value, mut body: Value) -> (Value, Value) {
    let mut found = named(live, &union(ours(live).unwrap_or_default(), given_of(live, &body)));
    add(&mut found, &body, live);
    drop_empty(&mut body, &found);
    (found, body)
}

/// Returns the fields to compare: applied, planned and manually added fields.
pub(super) fn compared(live: &Value, would: &Value, rows: &[Row]) -> Fields {
    let both = union(ours(live).unwrap_or_default(), ours(would).unwrap_or_default());
    let added = rows.iter().filter(|row| row.change == Change::Added);
    added.fold(both, |fields, row| with(fields, &row.path))
}

/// Returns the part of an object that meshsynth applied.
pub(super) fn applied(live: &Value) -> Value {
    named(live, &ours(live).unwrap_or_default())
}

/// Returns the selected fields of an object and its identity.
pub(super) fn named(object: &Value, fields: &Fields) -> Value {
    let mut out = if fields.is_empty() { json!({}) } else { part(object, fields) };
    for key in ["apiVersion", "kind"] {
        out[key] = object[key].clone();
    }
    for key in ["name", "namespace"] {
        if let Some(value) = object["metadata"].get(key) {
            out["metadata"][key] = value.clone();
        }
    }
    out
}

/// Adds the live values of manifest fields that other managers own.
pub(super) fn add(found: &mut Value, wanted: &Value, live: &Value) {
    let (Some(found), Some(wanted), Some(live)) = (found.as_object_mut(), wanted.as_object(), live.as_object()) else {
        return;
    };
    for (key, wanted) in wanted {
        let Some(live) = live.get(key) else { continue };
        match found.get_mut(key) {
            Some(found) => add(found, wanted, live),
            None if live.is_object() && wanted.is_object() => {
                let mut inner = json!({});
                add(&mut inner, wanted, live);
                found.insert(key.clone(), inner);
            }
            None => drop(found.insert(key.clone(), live.clone())),
        }
    }
}

/// Removes empty lists from the manifest, because the API server does not store them.
pub(super) fn drop_empty(wanted: &mut Value, found: &Value) {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            wanted.retain(|key, value| !is_empty(value) || found.contains_key(key));
            for (key, value) in wanted {
                if let Some(found) = found.get(key) {
                    drop_empty(value, found);
                }
            }
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            wanted.iter_mut().zip(found).for_each(|(wanted, found)| drop_empty(wanted, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_fields_of_other_managers() {
        let live = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {
                "name": "orders", "namespace": "shop", "uid": "7", "labels": { "a": "b", "theirs": "c" },
                "managedFields": [
                    { "manager": "kube-controller-manager", "operation": "Update", "subresource": "status",
                      "fieldsV1": { "f:status": {} } },
                    { "manager": "meshsynth", "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": {
                        "f:metadata": { "f:labels": { "f:a": {} } },
                        "f:spec": {
                            "f:selector": {},
                            "f:finalizers": { "v:\"x\"": {} },
                            "f:template": { "f:spec": { "f:containers": { "k:{\"name\":\"app\"}": {
                                ".": {}, "f:name": {}, "f:image": {},
                                "f:ports": { "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": { ".": {}, "f:containerPort": {} } }
                            } } } }
                        }
                    } }
                ]
            },
            "spec": {
                "replicas": 7, "selector": { "matchLabels": { "a": "b" } }, "finalizers": ["x", "y"],
                "template": { "spec": { "dnsPolicy": "ClusterFirst", "containers": [
                    { "name": "istio-proxy", "image": "proxy" },
                    { "name": "app", "image": "i:1", "imagePullPolicy": "Always",
                      "ports": [{ "containerPort": 80, "protocol": "TCP" }] }
                ] } }
            },
            "status": { "replicas": 7 }
        });
        let wanted = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "orders", "namespace": "shop", "labels": { "a": "b" } },
            "spec": {
                "selector": { "matchLabels": { "a": "b" } }, "finalizers": ["x"],
                "template": { "spec": { "containers": [
                    { "name": "app", "image": "i:1", "ports": [{ "containerPort": 80 }] }
                ] } }
            }
        });
        assert_eq!(applied(&live), wanted);
    }

    #[test]
    fn object_of_another_creator_has_no_applied_fields() {
        let live =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "data": { "x": "y" } });
        assert_eq!(applied(&live), json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } }));
    }

    #[test]
    fn manual_list_item_change_is_the_old_side() {
        let of = |image: &str| {
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "orders" },
                "spec": { "template": { "spec": { "containers": [{ "name": "app", "image": image }] } } }
            })
        };
        let field = |fields: Value| json!({ "f:spec": { "f:template": { "f:spec": { "f:containers": { "k:{\"name\":\"app\"}": fields } } } } });
        let mut live = of("orders:hotfix");
        live["metadata"]["managedFields"] = json!([
            { "manager": "meshsynth", "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": field(json!({ ".": {}, "f:name": {} })) },
            { "manager": "kubectl-edit", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": field(json!({ "f:image": {} })) },
        ]);
        assert_eq!(unasked(&live, of("orders:1")), (of("orders:hotfix"), of("orders:1")));
    }

    #[test]
    fn drops_empty_lists() {
        let mut wanted = json!({ "spec": { "ingress": [], "egress": [], "rules": [{ "to": [] }] } });
        drop_empty(&mut wanted, &json!({ "spec": { "egress": [], "rules": [{}] } }));
        assert_eq!(wanted, json!({ "spec": { "egress": [], "rules": [{}] } }));
    }
}
