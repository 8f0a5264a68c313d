//! What of a cluster is not as we applied it.
//!
//! The API server itself says what an object would be if it were applied now
//! (a dry run, which changes nothing); where that differs from the object as it
//! is, the managers of its fields say whose hand it was. A field that is still
//! ours differs because the output is newer than the deployment: that is no drift.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::apply::scaled;
use super::{Kube, MANAGER, Object, Worker};
use crate::failure::Failure;

/// What the server writes into every object.
const OF_SERVER: [&str; 6] = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/// An object that is not as it was applied.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drifted {
    /// How people call it.
    pub name: String,
    /// Its path in the program.
    pub construct: String,
    /// `MODIFIED` or `DELETED`.
    pub status: &'static str,
    /// The fields that differ, and who wrote them.
    pub fields: Vec<Field>,
}

/// A field that is not as it was applied. Its values are not told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Such as `spec.template.spec.containers[name=app].image`.
    pub path: String,
    /// The managers that wrote it; none where it is gone.
    pub by: Vec<String>,
}

/// A step from an object to a field.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(&'a Value),
}

impl<K: Kube> Worker<'_, K> {
    /// Compares what was applied with what is there.
    pub async fn drift(&self, objects: &[Object]) -> Result<Vec<Drifted>, Failure> {
        let (known, scaled) = (self.inventory().await?, scaled(objects));
        let mut out = Vec::new();
        // What was never applied is not missing.
        for object in objects.iter().filter(|object| known.contains(&object.row())) {
            self.doing(format!("comparing {}", object.called()));
            let read = |error| self.at(object, self.failed(&format!("{} cannot be compared", object.called()), &error));
            let live = match self.path(object).await.map_err(read)? {
                Some(path) => {
                    let live = self.call(async || self.kube.get(&path).await).await.map_err(read)?;
                    live.map(|live| (path, live))
                }
                None => None,
            };
            let Some((path, live)) = live else {
                out.push(drifted(object, "DELETED", Vec::new()));
                continue;
            };
            let body = self.body(object, &scaled, Some(&live));
            let would = self.call(async || self.kube.would_apply(&path, &body).await).await.map_err(read)?;
            let fields = fields(&would, &live);
            if !fields.is_empty() {
                out.push(drifted(object, "MODIFIED", fields));
            }
        }
        Ok(out)
    }
}

fn drifted(object: &Object, status: &'static str, fields: Vec<Field>) -> Drifted {
    Drifted { name: object.called(), construct: object.construct.clone(), status, fields }
}

/// The fields that differ by another's hand.
fn fields(would: &Value, live: &Value) -> Vec<Field> {
    let mut paths = Vec::new();
    differ(would, live, &mut Vec::new(), &mut paths);
    let managers = live["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut out: Vec<Field> = Vec::new();
    for steps in paths {
        let owners = managers.iter().filter(|it| owns(&it["fieldsV1"], &steps));
        let owners: BTreeSet<&str> = owners.filter_map(|it| it["manager"].as_str()).collect();
        if owners.contains(MANAGER) {
            continue;
        }
        out.push(Field { path: shown(&steps), by: owners.into_iter().map(str::to_owned).collect() });
    }
    out
}

/// Collects the paths at which two documents differ.
fn differ<'a>(a: &'a Value, b: &'a Value, at: &mut Vec<Step<'a>>, out: &mut Vec<Vec<Step<'a>>>) {
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let is_skipped = match at.as_slice() {
                    [] => key == "status",
                    [Step::Key("metadata")] => OF_SERVER.contains(&key.as_str()),
                    _ => false,
                };
                if !is_skipped {
                    at.push(Step::Key(key));
                    differ(left.get(key).unwrap_or(&Value::Null), right.get(key).unwrap_or(&Value::Null), at, out);
                    at.pop();
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.iter().chain(right).all(|it| it["name"].is_string()) => {
            // What only they have is in the dry run as well; what only we have is gone.
            for item in left {
                let other = right.iter().find(|it| it["name"] == item["name"]).unwrap_or(&Value::Null);
                at.push(Step::Item(item));
                differ(item, other, at, out);
                at.pop();
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (one, other) in left.iter().zip(right) {
                at.push(Step::Item(other));
                differ(one, other, at, out);
                at.pop();
            }
        }
        _ if a == b => {}
        _ => out.push(at.clone()),
    }
}

/// Whether a manager's fields have a path in them.
///
/// Source: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>.
fn owns(fields: &Value, steps: &[Step<'_>]) -> bool {
    let Some(map) = fields.as_object() else { return false };
    let Some((step, rest)) = steps.split_first() else { return true };
    // Whoever has a list or a map as a whole has everything in it.
    if map.is_empty() {
        return true;
    }
    match step {
        Step::Key(key) => map.get(&format!("f:{key}")).is_some_and(|inner| owns(inner, rest)),
        Step::Item(item) => map.iter().any(|(key, inner)| is_item(key, item) && owns(inner, rest)),
    }
}

/// Whether a key such as `k:{"name":"app"}` or `v:"x"` means an item.
fn is_item(key: &str, item: &Value) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    match key.split_at_checked(2) {
        Some(("k:", text)) => {
            let keys = parse(text);
            keys.as_object().is_some_and(|keys| keys.iter().all(|(name, value)| item[name] == *value))
        }
        Some(("v:", text)) => parse(text) == *item,
        _ => false,
    }
}

fn shown(steps: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) if key.contains('.') => out += &format!("[{key}]"),
            Step::Key(key) if out.is_empty() => out += key,
            Step::Key(key) => out += &format!(".{key}"),
            Step::Item(item) => match item["name"].as_str() {
                Some(name) => out += &format!("[name={name}]"),
                None => out += "[]",
            },
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(would: &Value, live: &Value) -> Vec<String> {
        fields(would, live).iter().map(|it| format!("{} by {}", it.path, it.by.join(", "))).collect()
    }

    fn deployment(image: &str, replicas: u32, managers: Value) -> Value {
        json!({
            "metadata": { "resourceVersion": image, "generation": replicas, "managedFields": managers },
            "spec": { "replicas": replicas, "template": { "spec": { "containers": [
                { "name": "app", "image": image, "ports": [{ "containerPort": 80, "protocol": "TCP" }] }
            ] } } },
            "status": { "replicas": replicas }
        })
    }

    fn entry(manager: &str, fields: Value) -> Value {
        json!({ "manager": manager, "fieldsV1": fields })
    }

    #[test]
    fn another_hand_is_named_and_our_own_newer_output_is_no_drift() {
        let image = json!({ "f:spec": { "f:template": { "f:spec": { "f:containers": { "k:{\"name\":\"app\"}": { "f:image": {} } } } } } });
        let replicas = json!({ "f:spec": { "f:replicas": {} } });
        let would = deployment("orders:2", 2, json!([]));
        let by_hand =
            deployment("orders:1", 5, json!([entry(MANAGER, image.clone()), entry("kubectl-scale", replicas.clone())]));
        assert_eq!(told(&would, &by_hand), ["spec.replicas by kubectl-scale"]);
        let both = deployment("orders:1", 5, json!([entry("kubectl-edit", image), entry(MANAGER, replicas)]));
        assert_eq!(told(&would, &both), ["spec.template.spec.containers[name=app].image by kubectl-edit"]);
        assert_eq!(told(&would, &deployment("orders:2", 2, json!([]))), [""; 0]);
    }

    #[test]
    fn what_is_gone_is_of_nobody_and_lists_as_a_whole_are_of_whoever_has_them() {
        let would =
            json!({ "spec": { "env": [{ "name": "A", "value": "1" }], "http": [{ "weight": 1 }], "args": ["x"] } });
        let live = json!({
            "metadata": { "managedFields": [entry("argo", json!({ "f:spec": { "f:http": {} } })),
                                            entry("ann", json!({ "f:spec": { "f:args": { "v:\"y\"": {} } } }))] },
            "spec": { "env": [], "http": [{ "weight": 9 }], "args": ["y"] }
        });
        let would = json!({ "metadata": {}, "spec": would["spec"] });
        assert_eq!(told(&would, &live), ["spec.args[] by ann", "spec.env[name=A] by ", "spec.http[].weight by argo"]);
    }
}
