//! A manifest that was written as a file.

use crate::diag::Diagnostic;
use crate::facts;
use crate::node::{self, Kind};
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data};

/// A Kubernetes object as somebody wrote it, to stand in a platform beside what constructs define.
///
/// It is checked like everything else: its shape, and with all other objects of the platform
/// whatever refers to it and whatever it refers to.
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

/// What servers write into an object and nobody else.
const OF_THE_SERVER: [&str; 6] =
    ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

impl Manifest {
    /// An object of a file, as its reader gives it; `at` is where it begins.
    ///
    /// # Errors
    ///
    /// What it lacks: `apiVersion`, `kind` or `metadata.name`.
    pub fn new(data: Data, at: impl Into<At>) -> Result<Self, &'static str> {
        let Data::Map(mut body) = without_nulls(data) else { return Err("apiVersion") };
        let text = |data: Option<Data>| data.map(|data| data.to_text()).filter(|text| !text.is_empty());
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

    /// Gives the object a namespace where it names none; what lies in no namespace stays outside of all.
    pub fn or_namespace(&mut self, namespace: &str) {
        self.namespace.get_or_insert_with(|| namespace.to_owned());
    }

    /// The diagnostic for a file that should contain manifests and is not valid YAML.
    pub fn unreadable(why: &str, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0116", format!("the file is not valid YAML: {why}"))
            .at(at)
            .help("fix it here, so that the rest of the file can be checked")
    }

    /// The diagnostic for a comment that should suppress a finding and does not.
    pub fn exception_without_effect(message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning("MS0120", message)
    }

    /// Defines the object in the cluster of `scope`, and in its namespace where it names none.
    pub fn define(self, scope: &impl Construct, id: &str) -> Scope {
        let Self { api_version, kind, name, namespace, body, at } = self;
        let namespaced = is_namespaced(&api_version, &kind).unwrap_or(namespace.is_some());
        let object = node::Object {
            wave: facts::wave(&api_version, &kind),
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

/// A field that is set to nothing is left out, as the API server does it.
fn without_nulls(data: Data) -> Data {
    match data {
        Data::Map(bag) => {
            let entries = bag.iter().filter(|(_, value)| **value != Data::Null);
            Data::Map(entries.map(|(key, value)| (key.to_owned(), without_nulls(value.clone()))).collect::<Bag>())
        }
        Data::List(items) => Data::List(items.into_iter().map(without_nulls).collect()),
        scalar => scalar,
    }
}

/// Whether objects of a kind live in a namespace; none where the kind is not known.
pub(crate) fn is_namespaced(api_version: &str, kind: &str) -> Option<bool> {
    let known = facts::kubernetes(api_version, kind).or_else(|| facts::other_version(api_version, kind));
    known.map(|facts| facts.namespaced)
}
