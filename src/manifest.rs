//! A manifest from a file.

use crate::diag::Diagnostic;
use crate::facts;
use crate::node::{self, Kind};
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data, Deferred, Part};

/// A Kubernetes object from a file, for a platform that also contains constructs.
///
/// It is checked like all other objects: its shape, its references to objects of the platform, and references to it.
///
/// # Example
///
/// ```
/// use meshsynth::val::{Bag, Data};
/// use meshsynth::{At, Construct, Manifest, testing};
///
/// let platform = testing::Platform::synth("shop", |app| {
///     let orders = testing::workload(app);
///     let metadata = Bag::default().with("name", "settings");
///     let settings = Bag::default().with("data", Bag::default().with("currency", "EUR"));
///     let settings = settings.with("apiVersion", "v1").with("kind", "ConfigMap").with("metadata", metadata);
///     Manifest::new(Data::Map(settings), At::caller()).expect("it is one").define(orders.namespace(), "settings");
/// });
/// assert!(platform.manifest("configmap-settings").contains("currency: EUR"));
/// ```
#[derive(Clone, Debug)]
pub struct Manifest {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) body: Bag,
    at: At,
}

/// The metadata fields that only API servers set.
const OF_THE_SERVER: [&str; 6] =
    ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

impl Manifest {
    /// Returns the object of a file, as its reader returns it. `at` is the location of its beginning.
    ///
    /// # Errors
    ///
    /// Returns the name of the missing field: `apiVersion`, `kind` or `metadata.name`.
    pub fn new(mut data: Data, at: impl Into<At>) -> Result<Self, &'static str> {
        remove_nulls(&mut data);
        let Data::Map(mut body) = data else { return Err("apiVersion") };
        let text = |data: Option<Data>| data.map(|data| written(&data)).filter(|text| !text.is_empty());
        let api_version = text(body.remove("apiVersion")).ok_or("apiVersion")?;
        let kind = text(body.remove("kind")).ok_or("kind")?;
        body.remove("status");
        let Some(Data::Map(mut metadata)) = body.remove("metadata") else { return Err("metadata.name") };
        let generated = metadata.get("generateName").and_then(Data::as_str).map(|start| format!("{start}x"));
        let name = text(metadata.remove("name")).or(generated).ok_or("metadata.name")?;
        let namespace = text(metadata.remove("namespace"));
        for key in OF_THE_SERVER {
            metadata.remove(key);
        }
        if !metadata.is_empty() {
            body.set("metadata", metadata);
        }
        Ok(Self { api_version, kind, name, namespace, body, at: at.into() })
    }

    /// Sets the namespace of an object without one. Cluster-scoped objects remain outside of namespaces.
    pub fn or_namespace(&mut self, namespace: &str) {
        self.namespace.get_or_insert_with(|| namespace.to_owned());
    }

    /// Returns the identity of the object: the group of its API, its kind, its namespace and its name.
    pub fn identity(&self) -> [&str; 4] {
        let group = self.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        [group, &self.kind, self.namespace.as_deref().unwrap_or_default(), &self.name]
    }

    /// Whether another manifest has the same content, regardless of its name and version.
    pub fn has_body_of(&self, other: &Self) -> bool {
        self.body == other.body
    }

    /// Whether another tool completes its name, such as envsubst in `orders-${STAGE}`. The final name is then unknown.
    pub fn has_open_name(&self) -> bool {
        is_open_name(&self.name)
    }

    /// Returns the location of its beginning.
    pub fn at(&self) -> At {
        self.at
    }

    /// Returns the diagnostic for a file that should contain manifests, but is not valid YAML.
    pub fn unreadable(why: &str, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0116", format!("the file is not valid YAML: {why}"))
            .at(at)
            .help("correct the file; the documents after this error are not checked")
    }

    /// Returns the diagnostic for a document whose `apiVersion`, `kind` or `metadata` is misspelled, such as `Kind`.
    pub fn misspelled(key: &str, wanted: &str, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0106", format!("the document has the field `{key}` instead of `{wanted}`"))
            .at(at)
            .field(key)
            .help(format!(
                "did you mean `{wanted}`? The API server rejects the document, and it is not checked further"
            ))
    }

    /// Returns the diagnostic for a file or directory that cannot be opened, or a broken link.
    pub fn not_opened(why: &str, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0116", format!("cannot read this path: {why}")).at(at).help(
            "make the path readable or remove it; until then, its files are not checked, and missing objects are not reported",
        )
    }

    /// Returns the diagnostic for a kustomization or a chart that its tool cannot render.
    pub fn not_rendered(message: impl Into<String>, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0126", message).at(at)
    }

    /// Returns the diagnostic for a suppression comment without effect.
    pub fn exception_without_effect(message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning("MS0120", message)
    }

    /// Defines the object in the cluster of `scope`, and in its namespace if the object does not specify one.
    pub fn define(self, scope: &impl Construct, id: &str) -> Scope {
        let Self { api_version, kind, name, namespace, body, at } = self;
        let namespaced = is_namespaced(&api_version, &kind).unwrap_or(namespace.is_some());
        let object = node::Object {
            wave: facts::wave(&api_version, &kind),
            is_named_by_content: false,
            api_version: api_version.into(),
            kind: kind.into(),
            name,
            namespace: namespace.filter(|_| namespaced),
            namespaced,
            body,
        };
        scope.scope().define_at(id, Kind::Object(Box::new(object)), at)
    }
}

/// Returns a text as it is in the file, including a variable such as `${STAGE}`.
fn written(data: &Data) -> String {
    let Data::Deferred(deferred) = data else { return data.to_text() };
    let Deferred::Text(parts) = deferred.as_ref() else { return String::new() };
    let literal = |part: &Part| if let Part::Text(text) = part { Some(text.to_string()) } else { None };
    parts.iter().map(literal).collect::<Option<String>>().unwrap_or_default()
}

/// Removes fields that are null, as the API server does.
fn remove_nulls(data: &mut Data) {
    match data {
        Data::Map(bag) => {
            bag.retain(|_, value| !matches!(value, Data::Null));
            bag.iter_mut().for_each(|(_, value)| remove_nulls(value));
        }
        Data::List(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// Whether a name contains a variable of another tool. Names of objects never contain braces.
pub(crate) fn is_open_name(name: &str) -> bool {
    name.contains(['{', '$'])
}

/// Whether objects of a kind are namespaced, or `None` if the kind is unknown.
pub(crate) fn is_namespaced(api_version: &str, kind: &str) -> Option<bool> {
    let known = facts::kubernetes(api_version, kind).or_else(|| facts::other_version(api_version, kind));
    known.map(|facts| facts.namespaced)
}
