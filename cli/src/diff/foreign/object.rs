//! An object as it is compared: what the server writes is gone, and values of secrets are digests.

use meshsynth::facts;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::sources::ObjectFile;
use crate::yaml;

/// Group, kind, namespace and name. The version of an API is not part of what an object is.
pub type Key = (String, String, String, String);

/// An object, where it is written, and what it is part of.
#[derive(Clone, Debug)]
pub struct Object {
    /// What tells it from others.
    pub key: Key,
    /// The cluster that it goes to.
    pub cluster: String,
    /// The file below the folder; it decides where an object belongs, and whether one of its neighbours is unread.
    pub file: String,
    /// Its line: `file:line:column`.
    pub source: String,
    /// Its path in a program, where it has one.
    pub construct: String,
    /// What it says.
    pub document: Value,
}

/// What the API server and clients write into the metadata of objects.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>.
const OF_THE_SERVER: [&str; 7] =
    ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid", "deletionTimestamp"];

/// What `kubectl apply` keeps in an annotation.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

impl Object {
    /// The object of a file. `own_kinds` are the kinds that definitions make cluster-scoped.
    pub fn new(
        found: &ObjectFile,
        place: String,
        file: String,
        namespace: &str,
        own_kinds: &[(String, String)],
    ) -> Self {
        let mut document = yaml::json(&found.document.literal());
        clean(&mut document);
        let default = found.namespace.as_deref().unwrap_or(namespace);
        scope(&mut document, default, own_kinds);
        let key = key(&document);
        Self { key, cluster: String::new(), file, source: place, construct: String::new(), document }
    }
}

/// What tells an object from others.
pub fn key(document: &Value) -> Key {
    let text = |value: &Value| value.as_str().map_or_else(String::new, str::to_owned);
    let metadata = &document["metadata"];
    let name = metadata["name"].as_str().or_else(|| metadata["generateName"].as_str()).unwrap_or_default();
    (group(document).to_owned(), text(&document["kind"]), text(&metadata["namespace"]), name.to_owned())
}

fn group(document: &Value) -> &str {
    document["apiVersion"].as_str().and_then(|api| api.split_once('/')).map_or("", |(group, _)| group)
}

/// Takes out what is not said by whoever wrote the object.
pub fn clean(document: &mut Value) {
    without_nulls(document);
    let Some(object) = document.as_object_mut() else { return };
    object.remove("status");
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    OF_THE_SERVER.iter().for_each(|key| drop(metadata.remove(*key)));
    // A number or a date may be a name.
    for key in ["name", "namespace", "generateName"] {
        if let Some(value) = metadata.get_mut(key).filter(|value| value.is_number() || value.is_boolean()) {
            *value = value.to_string().into();
        }
    }
    for key in ["annotations", "labels"] {
        let Some(map) = metadata.get_mut(key).and_then(Value::as_object_mut) else { continue };
        map.remove(LAST_APPLIED);
        if map.is_empty() {
            metadata.remove(key);
        }
    }
    // An object that is created under a name that the server makes has none to be compared by but its beginning.
    if metadata.get("name").is_none()
        && let Some(start) = metadata.get("generateName").cloned()
    {
        metadata.insert("name".to_owned(), start);
    }
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Gives the object the namespace that it goes to; what lies in none has none.
fn scope(document: &mut Value, default: &str, own_kinds: &[(String, String)]) {
    let api = document["apiVersion"].as_str().unwrap_or_default();
    let kind = document["kind"].as_str().unwrap_or_default();
    let known = facts::kubernetes(api, kind).or_else(|| facts::other_version(api, kind));
    let is_of_cluster = known.map_or_else(
        || {
            let group = group(document);
            facts::is_of_cluster(group, kind)
                || own_kinds.iter().any(|it| (it.0.as_str(), it.1.as_str()) == (group, kind))
        },
        |facts| !facts.namespaced,
    );
    let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if is_of_cluster {
        metadata.remove("namespace");
    } else if metadata.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty) {
        metadata.insert("namespace".to_owned(), default.into());
    }
}

/// The kind that a definition makes cluster-scoped.
pub fn cluster_kind(definition: &Value) -> Option<(String, String)> {
    let spec = &definition["spec"];
    let is_it = definition["kind"] == "CustomResourceDefinition" && spec["scope"] == "Cluster";
    let text = |value: &Value| value.as_str().map(str::to_owned);
    is_it.then(|| Some((text(&spec["group"])?, text(&spec["names"]["kind"])?)))?
}

/// The values of a Secret as digests, so that a report tells that they differ and not what they are.
pub fn mask(document: &mut Value) {
    if document["kind"] != "Secret" || document["apiVersion"] != "v1" {
        return;
    }
    for key in ["data", "stringData"] {
        for value in document.get_mut(key).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            *value = format!("a value with the digest {}", &digest(value.to_string().as_bytes())[..12]).into();
        }
    }
}

/// The SHA-256 digest in hex.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
