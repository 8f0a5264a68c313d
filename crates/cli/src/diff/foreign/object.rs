//! Kubernetes objects, normalized for comparison, without fields that the API server writes.

use std::borrow::Cow;
use std::sync::Arc;

use meshsynth::facts;
use serde_json::{Map, Value};

use super::pieces::Piece;
use super::secret;
use crate::yaml;
use meshsynth_check::sources::ObjectFile;

/// Group, kind, namespace and name. The API version is not part of the identity of an object.
pub type Key = (String, String, String, String);

/// An object with its location.
#[derive(Clone, Debug)]
pub struct Object {
    /// The identity.
    pub key: Key,
    /// The cluster.
    pub cluster: String,
    /// The file below the folder. It determines the cluster, and whether an unreadable file may affect the object.
    pub file: String,
    /// The position: `file:line:column`.
    pub source: String,
    /// The path of its construct, if it comes from a program.
    pub construct: String,
    /// The content.
    pub document: Document,
}

/// The content of an object, parsed or unparsed.
#[derive(Clone, Debug)]
pub enum Document {
    /// The parsed content, normalized for comparison.
    Known(Value),
    /// The original text, in a file that is equal on both sides.
    Text(String, Arc<Context>),
}

/// The context to parse an object.
#[derive(Debug)]
pub struct Context {
    /// The namespace of objects that specify none.
    pub namespace: String,
    /// The kinds that custom resource definitions declare as cluster-scoped.
    pub own_kinds: Vec<(String, String)>,
}

impl Context {
    /// Parses a text.
    pub fn read(&self, text: &str) -> Value {
        let documents = yaml::read(text).unwrap_or_default();
        let mut document = documents.first().map(|it| yaml::json(&it.written())).unwrap_or_default();
        clean(&mut document);
        scope(&mut document, &self.namespace, &self.own_kinds);
        document
    }
}

impl Document {
    /// Returns the content.
    pub fn get(&self) -> Cow<'_, Value> {
        match self {
            Self::Known(value) => Cow::Borrowed(value),
            Self::Text(text, context) => Cow::Owned(context.read(text)),
        }
    }

    /// Returns the content for changes.
    pub fn make(&mut self) -> &mut Value {
        if let Self::Text(text, context) = self {
            *self = Self::Known(context.read(text));
        }
        match self {
            Self::Known(value) => value,
            Self::Text(..) => unreachable!("it was read above"),
        }
    }

    /// Whether the content may contain a text.
    pub fn may_hold(&self, part: &str) -> bool {
        match self {
            Self::Known(_) => true,
            Self::Text(text, _) => text.contains(part),
        }
    }
}

/// Metadata fields that the API server and clients write.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>.
const OF_THE_SERVER: [&str; 7] =
    ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid", "deletionTimestamp"];

/// The annotation of `kubectl apply`.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The revision annotation of the Deployment controller.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// The label of a namespace that the API server sets to its name.
const OWN_NAME: &str = "kubernetes.io/metadata.name";

/// The data fields of a ConfigMap or a Secret.
const DATA: [&str; 3] = ["binaryData", "data", "stringData"];

impl Object {
    /// Creates the object of a file.
    pub fn new(found: &ObjectFile, place: String, file: String, context: &Context) -> Self {
        let mut document = yaml::json(&found.written());
        clean(&mut document);
        let default = found.namespace.as_deref().unwrap_or(&context.namespace);
        scope(&mut document, default, &context.own_kinds);
        let key = key(&document);
        Self {
            key,
            cluster: String::new(),
            file,
            source: place,
            construct: String::new(),
            document: Document::Known(document),
        }
    }

    /// Creates the object of an unparsed text.
    pub fn unread(piece: &Piece<'_>, place: &str, file: &str, context: &Arc<Context>) -> Self {
        let api = piece.api;
        let group = facts::group_of(api, piece.kind);
        let namespace = match is_of_cluster(api, piece.kind, &context.own_kinds) {
            true => "",
            false => piece.namespace.unwrap_or(&context.namespace),
        };
        let key = [group, piece.kind, namespace, piece.name].map(str::to_owned);
        let [group, kind, namespace, name] = key;
        Self {
            key: (group, kind, namespace, name),
            cluster: String::new(),
            file: file.to_owned(),
            source: format!("{place}:{}:1", piece.line),
            construct: String::new(),
            document: Document::Text(piece.text.to_owned(), Arc::clone(context)),
        }
    }
}

impl Object {
    /// Whether another object has the same content.
    pub fn says_the_same(&self, other: &Self) -> bool {
        match (&self.document, &other.document) {
            (Document::Text(a, _), Document::Text(b, _)) if a == b => true,
            (a, b) => a.get() == b.get(),
        }
    }
}

/// Returns the identity of an object.
pub fn key(document: &Value) -> Key {
    let text = |value: &Value| value.as_str().map_or_else(String::new, str::to_owned);
    let metadata = &document["metadata"];
    let name = metadata["name"].as_str().or_else(|| metadata["generateName"].as_str()).unwrap_or_default();
    let group = facts::group_of(
        document["apiVersion"].as_str().unwrap_or_default(),
        document["kind"].as_str().unwrap_or_default(),
    );
    (group.to_owned(), text(&document["kind"]), text(&metadata["namespace"]), name.to_owned())
}

/// Removes fields that the author of the object did not write.
pub fn clean(document: &mut Value) {
    without_nulls(document);
    secret::keep(document);
    let is_data = document["apiVersion"] == "v1" && (document["kind"] == "ConfigMap" || document["kind"] == "Secret");
    let is_namespace = document["apiVersion"] == "v1" && document["kind"] == "Namespace";
    let claims = document.pointer_mut("/spec/volumeClaimTemplates").and_then(Value::as_array_mut);
    claims.into_iter().flatten().filter_map(Value::as_object_mut).for_each(|claim| drop(claim.remove("status")));
    let Some(object) = document.as_object_mut() else { return };
    object.remove("status");
    // The API server does not keep empty data fields.
    if is_data {
        object.retain(|key, value| !(DATA.contains(&key.as_str()) && value.as_object().is_some_and(Map::is_empty)));
    }
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    OF_THE_SERVER.iter().for_each(|key| drop(metadata.remove(*key)));
    // YAML may parse a name as a number or a boolean.
    for key in ["name", "namespace", "generateName"] {
        if let Some(value) = metadata.get_mut(key).filter(|value| value.is_number() || value.is_boolean()) {
            *value = value.to_string().into();
        }
    }
    for key in ["annotations", "labels"] {
        let Some(map) = metadata.get_mut(key).and_then(Value::as_object_mut) else { continue };
        map.remove(LAST_APPLIED);
        map.remove(REVISION);
        if is_namespace {
            map.remove(OWN_NAME);
        }
        if map.is_empty() {
            metadata.remove(key);
        }
    }
    // Without a name, an object is compared by its `generateName` prefix.
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

/// Whether a kind is cluster-scoped.
fn is_of_cluster(api: &str, kind: &str, own_kinds: &[(String, String)]) -> bool {
    let known = facts::kubernetes(api, kind).or_else(|| facts::other_version(api, kind));
    known.map_or_else(
        || {
            let group = api.split_once('/').map_or("", |(group, _)| group);
            let is_it = |own: &(String, String)| (own.0.as_str(), own.1.as_str()) == (group, kind);
            facts::is_of_cluster(group, kind) || own_kinds.iter().any(is_it)
        },
        |facts| !facts.namespaced,
    )
}

/// Sets the namespace of the object; removes it from cluster-scoped objects.
fn scope(document: &mut Value, default: &str, own_kinds: &[(String, String)]) {
    let text = |key: &str| document[key].as_str().unwrap_or_default();
    let is_of_cluster = is_of_cluster(text("apiVersion"), text("kind"), own_kinds);
    let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if is_of_cluster {
        metadata.remove("namespace");
    } else if metadata.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty) {
        metadata.insert("namespace".to_owned(), default.into());
    }
}

/// Returns the kind that a custom resource definition declares as cluster-scoped.
pub fn cluster_kind(definition: &Value) -> Option<(String, String)> {
    let spec = &definition["spec"];
    let is_it = definition["kind"] == "CustomResourceDefinition" && spec["scope"] == "Cluster";
    let text = |value: &Value| value.as_str().map(str::to_owned);
    is_it.then(|| Some((text(&spec["group"])?, text(&spec["names"]["kind"])?)))?
}
