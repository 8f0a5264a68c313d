//! What a cluster has of ours, beside what applying it now would make of it. Only looks.

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
    /// Its place among the objects that are wanted; none where it is no longer wanted.
    pub idx: Option<usize>,
    /// As it would be applied; none where it would be pruned.
    pub wanted: Option<Value>,
    /// The fields of it that we applied, that we would apply, or that somebody wrote by hand; none where it is not there.
    pub found: Option<Value>,
    /// What somebody wrote by hand.
    pub by_hand: Vec<Field>,
    /// Why the API server does not say what applying it would make of it.
    pub refused: Option<KubeError>,
}

impl<K: Kube> Worker<'_, K> {
    /// Everything that is wanted or was applied by us.
    pub async fn look(&self, wanted: &[Object]) -> Result<Vec<Seen>, Failure> {
        let known = self.inventory().await?;
        let places: BTreeMap<String, usize> =
            wanted.iter().enumerate().map(|(idx, object)| (identity(&object.row()), idx)).collect();
        let known: Vec<Object> = known.iter().filter_map(|row| Object::of_row(row)).collect();
        let rows: BTreeSet<String> = known.iter().map(|object| identity(&object.row())).collect();
        // What somebody else made under the name of a wanted object is there as well.
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
                // What is going already, or lost our label, is not pruned.
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

    /// A wanted object beside what is there.
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

/// Both sides where the API server does not say what applying an object would make: the fields that we applied or give as they
/// are, whoever wrote them last, and the object as it is given.
fn unasked(live: &Value, mut body: Value) -> (Value, Value) {
    let mut found = named(live, &union(ours(live).unwrap_or_default(), given_of(live, &body)));
    add(&mut found, &body, live);
    drop_empty(&mut body, &found);
    (found, body)
}

/// The fields that are compared: what we applied, what we would apply, and what somebody added.
pub(super) fn compared(live: &Value, would: &Value, rows: &[Row]) -> Fields {
    let both = union(ours(live).unwrap_or_default(), ours(would).unwrap_or_default());
    let added = rows.iter().filter(|row| row.change == Change::Added);
    added.fold(both, |fields, row| with(fields, &row.path))
}

/// What we applied of an object.
pub(super) fn applied(live: &Value) -> Value {
    named(live, &ours(live).unwrap_or_default())
}

/// The fields of an object, and what it is.
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

/// Adds the values of fields that are wanted and that others have.
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

/// Takes out of what is wanted the empty lists that an API server does not keep.
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
    fn what_others_wrote_is_not_ours() {
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
    fn an_object_that_somebody_else_made_has_nothing_of_ours() {
        let live =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" }, "data": { "x": "y" } });
        assert_eq!(applied(&live), json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" } }));
    }

    #[test]
    fn what_a_hand_wrote_into_an_item_of_a_list_is_the_old_side_of_what_is_given() {
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
    fn empty_lists_are_not_kept_by_an_api_server() {
        let mut wanted = json!({ "spec": { "ingress": [], "egress": [], "rules": [{ "to": [] }] } });
        drop_empty(&mut wanted, &json!({ "spec": { "egress": [], "rules": [{}] } }));
        assert_eq!(wanted, json!({ "spec": { "egress": [], "rules": [{}] } }));
    }
}
