//! What a cluster has of ours, as it was applied, beside what would be applied now. Only looks.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};

use super::apply::{scaled, unscaled};
use super::prune::identity;
use super::{APP_LABEL, Kube, MANAGER, Object, Worker, yields};
use crate::failure::Failure;

/// So many objects are asked for at a time.
const SIDE_BY_SIDE: usize = 16;

/// An object on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its place among the objects that are wanted; none where it is no longer wanted.
    pub idx: Option<usize>,
    /// As it would be applied; none where it would be pruned.
    pub wanted: Option<Value>,
    /// The fields of it that we applied; none where it is not there, or is not ours.
    pub found: Option<Value>,
}

impl<K: Kube> Worker<'_, K> {
    /// Everything that is wanted or was applied by us.
    pub async fn look(&self, wanted: &[Object]) -> Result<Vec<Seen>, Failure> {
        let known = self.inventory().await?;
        let places: BTreeMap<String, usize> =
            wanted.iter().enumerate().map(|(idx, object)| (identity(&object.row()), idx)).collect();
        let mut paths = Vec::new();
        for object in known.iter().filter_map(|row| Object::of_row(row)) {
            let path = self.path(&object).await;
            let path = path.map_err(|error| self.failed(&format!("{} cannot be read", object.called()), &error))?;
            paths.extend(path.map(|path| (object, path)));
        }
        let objects = stream::iter(paths).map(|(object, path)| async move {
            self.check_stop("is as it was")?;
            let found = self.call(async || self.kube.get(&path).await).await;
            let found = found.map_err(|error| self.failed(&format!("{} cannot be read", object.called()), &error))?;
            Ok((object, found))
        });
        let mut objects = objects.buffered(SIDE_BY_SIDE);
        let scaled = scaled(wanted);
        let mut live: BTreeMap<usize, Value> = BTreeMap::new();
        let mut out = Vec::new();
        while let Some(next) = objects.next().await {
            let (object, Some(found)) = next? else { continue };
            let is_ours = found["metadata"]["labels"][APP_LABEL] == self.app;
            let is_going = found["metadata"]["deletionTimestamp"].is_string();
            match places.get(&identity(&object.row())) {
                Some(idx) => drop(live.insert(*idx, found)),
                // What is going already, or lost our label, is not pruned.
                None if is_ours && !is_going => {
                    out.push(Seen { idx: None, wanted: None, found: Some(applied(&found)) });
                }
                None => {}
            }
        }
        for (idx, object) in wanted.iter().enumerate() {
            let mut body = unscaled(object, &scaled);
            let found = live.get(&idx).map(|live| {
                yields::take(&yields::paths(&body), &mut body, live);
                let found = applied(live);
                drop_empty(&mut body, &found);
                found
            });
            out.push(Seen { idx: Some(idx), wanted: Some(body), found });
        }
        Ok(out)
    }
}

/// What we applied of an object: the fields that the API server knows to be ours.
///
/// Source: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.
fn applied(live: &Value) -> Value {
    let rows: Vec<&Value> = live["metadata"]["managedFields"].as_array().into_iter().flatten().collect();
    let is_ours = |row: &&&Value| {
        row["manager"] == MANAGER
            && row["operation"] == "Apply"
            && row["subresource"].as_str().is_none_or(str::is_empty)
    };
    let ours: Vec<&&Value> = rows.iter().filter(is_ours).collect();
    let same = ours.iter().find(|row| row["apiVersion"] == live["apiVersion"]).or(ours.first());
    let fields = same.and_then(|row| row["fieldsV1"].as_object()).filter(|fields| !fields.is_empty());
    let mut out = fields.map_or_else(|| json!({}), |fields| part(live, fields));
    for key in ["apiVersion", "kind"] {
        out[key] = live[key].clone();
    }
    for key in ["name", "namespace"] {
        if let Some(value) = live["metadata"].get(key) {
            out["metadata"][key] = value.clone();
        }
    }
    out
}

/// The part of a value that a set of fields names; an empty set is all of it.
fn part(value: &Value, fields: &Map<String, Value>) -> Value {
    let below = |fields: &Value| fields.as_object().cloned().unwrap_or_default();
    if fields.is_empty() {
        return value.clone();
    }
    match value {
        Value::Object(map) => {
            let named = fields.iter().filter_map(|(field, rest)| Some((field.strip_prefix("f:")?, rest)));
            let kept = named.filter_map(|(key, rest)| Some((key.to_owned(), part(map.get(key)?, &below(rest)))));
            Value::Object(kept.collect())
        }
        Value::Array(items) => {
            let of = |(idx, item): (usize, &Value)| {
                let rest = fields.iter().find(|(field, _)| is_item(field, idx, item))?.1;
                Some(part(item, &below(rest)))
            };
            Value::Array(items.iter().enumerate().filter_map(of).collect())
        }
        other => other.clone(),
    }
}

/// Whether a field names an item of a list: by its keys, its value, or its place.
fn is_item(field: &str, idx: usize, item: &Value) -> bool {
    let Some((sign, text)) = field.split_once(':') else { return false };
    let Ok(named) = serde_json::from_str::<Value>(text) else { return false };
    match (sign, &named) {
        ("k", Value::Object(keys)) => keys.iter().all(|(key, value)| item.get(key) == Some(value)),
        ("v", value) => value == item,
        ("i", value) => value.as_u64().and_then(|it| usize::try_from(it).ok()) == Some(idx),
        _ => false,
    }
}

/// Takes out of what is wanted the empty lists that an API server does not keep.
fn drop_empty(wanted: &mut Value, found: &Value) {
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
    fn empty_lists_are_not_kept_by_an_api_server() {
        let mut wanted = json!({ "spec": { "ingress": [], "egress": [], "rules": [{ "to": [] }] } });
        drop_empty(&mut wanted, &json!({ "spec": { "egress": [], "rules": [{}] } }));
        assert_eq!(wanted, json!({ "spec": { "egress": [], "rules": [{}] } }));
    }
}
