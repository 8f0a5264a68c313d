//! A manifest that was written as a file.

use crate::diag::Diagnostic;
use crate::facts;
use crate::node::{self, Kind};
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data, Deferred, Part};

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

    /// Gives the object a namespace where it names none; what lies in no namespace stays outside of all.
    pub fn or_namespace(&mut self, namespace: &str) {
        self.namespace.get_or_insert_with(|| namespace.to_owned());
    }

    /// What tells the object from others: the group of its API, its kind, its namespace and its name.
    pub fn identity(&self) -> [&str; 4] {
        let group = self.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        [group, &self.kind, self.namespace.as_deref().unwrap_or_default(), &self.name]
    }

    /// Whether another manifest says the same, whatever its name and its version are.
    pub fn has_body_of(&self, other: &Self) -> bool {
        self.body == other.body
    }

    /// Whether somebody else fills in its name, such as envsubst in `orders-${STAGE}`: it may be the name of anything.
    pub fn has_open_name(&self) -> bool {
        is_open_name(&self.name)
    }

    /// Where it begins.
    pub fn at(&self) -> At {
        self.at
    }

    /// The diagnostic for a file that should contain manifests and is not valid YAML.
    pub fn unreadable(why: &str, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0116", format!("the file is not valid YAML: {why}"))
            .at(at)
            .help("fix it here, so that the rest of the file can be checked")
    }

    /// The diagnostic for a file or a folder that cannot be opened, or a link that leads nowhere.
    pub fn not_opened(why: &str, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0116", format!("cannot read what is here: {why}")).at(at).help(
            "make it readable or take it away: nothing in it is checked, and nothing counts as missing without it",
        )
    }

    /// The diagnostic for a kustomization or a chart that its tool cannot render.
    pub fn not_rendered(message: impl Into<String>, at: impl Into<At>) -> Diagnostic {
        Diagnostic::error("MS0126", message).at(at)
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

/// A text as it is written; a value that somebody else fills in, such as `${STAGE}`, included.
fn written(data: &Data) -> String {
    let Data::Deferred(deferred) = data else { return data.to_text() };
    let Deferred::Text(parts) = deferred.as_ref() else { return String::new() };
    let literal = |part: &Part| if let Part::Text(text) = part { Some(text.to_string()) } else { None };
    parts.iter().map(literal).collect::<Option<String>>().unwrap_or_default()
}

/// A field that is set to nothing is left out, as the API server does it.
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

/// Whether a name has a place that somebody else fills in: no name of an object has a brace.
pub(crate) fn is_open_name(name: &str) -> bool {
    name.contains(['{', '$'])
}

/// Whether objects of a kind live in a namespace; none where the kind is not known.
pub(crate) fn is_namespaced(api_version: &str, kind: &str) -> Option<bool> {
    let known = facts::kubernetes(api_version, kind).or_else(|| facts::other_version(api_version, kind));
    known.map(|facts| facts.namespaced)
}
