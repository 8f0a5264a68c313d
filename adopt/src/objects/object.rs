//! The statement that defines an object.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_types::facts::{self, versions::istio};
use meshsynth_types::val::{Bag, Data};

use super::cleaned::cleaned;
use super::text_at;
use crate::Object;
use crate::code::{Writer, shown};
use crate::module::{Kind, Module};
use crate::names::Given;
use crate::report::Became;
use crate::tree::{Expr, Path, Statement, layout};
use crate::types::Types;

/// Kinds of Kubernetes itself that have no type in the library and no namespace.
const OF_CLUSTERS: [&str; 2] = ["APIService", "CustomResourceDefinition"];

/// The kinds without a namespace that definitions among the objects say.
pub fn of_clusters(objects: &[Object]) -> BTreeSet<String> {
    let definitions = objects.iter().filter(|it| text_at(it, "kind") == Some("CustomResourceDefinition"));
    let whole = definitions.filter(|it| text_at(it, "spec.scope") == Some("Cluster"));
    whole.filter_map(|it| text_at(it, "spec.names.kind").map(str::to_owned)).collect()
}

/// An object, and what it is.
pub struct Read {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// Where it goes; none where its kind has no namespace.
    pub namespace: Option<String>,
    /// What it says, without what a cluster writes into it.
    pub body: Bag,
}

impl Read {
    /// What an object is, or why it cannot be adopted.
    pub fn of(object: &Object, types: &mut Types, whole: &BTreeSet<String>) -> Result<Self, String> {
        let (Some(api_version), Some(kind)) = (text_at(object, "apiVersion"), text_at(object, "kind")) else {
            return Err("it has no `apiVersion` or no `kind`".to_owned());
        };
        let Some(name) = text_at(object, "metadata.name") else {
            return Err(format!("`{kind}` has no name: Kubernetes makes one each time that it is created"));
        };
        let given = text_at(object, "metadata.namespace").map(str::to_owned);
        let is_typed = types.object(api_version, kind).is_some();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let is_namespaced = facts::kubernetes(api_version, kind).map(|facts| facts.namespaced);
        let namespace = match is_namespaced.filter(|_| is_typed) {
            Some(false) => None,
            Some(true) => Some(given.unwrap_or_else(|| object.namespace.clone())),
            // What no schema knows is in a namespace, unless a definition beside it says otherwise.
            None if whole.contains(kind) || OF_CLUSTERS.contains(&kind) || facts::is_of_cluster(group, kind) => None,
            None => Some(given.unwrap_or_else(|| object.namespace.clone())),
        };
        let body = cleaned(object.data.as_map().unwrap_or(&Bag::default()));
        let (api_version, kind, name) = (api_version.to_owned(), kind.to_owned(), name.to_owned());
        Ok(Self { api_version, kind, name, namespace, body })
    }
}

/// The kinds that the program says itself.
pub struct Kinds {
    path: String,
    names: Given,
    known: BTreeMap<(String, String, bool), Kind>,
}

impl Kinds {
    /// None yet, in the module of a cluster.
    pub fn new(module: &str) -> Self {
        Self { path: format!("crate::{module}::kinds"), names: Given::default(), known: BTreeMap::new() }
    }

    fn path(&mut self, read: &Read) -> String {
        let key = (read.api_version.clone(), read.kind.clone(), read.namespace.is_some());
        let names = &mut self.names;
        let new = || Kind::new(&read.api_version, &read.kind, read.namespace.is_some(), names);
        let kind = self.known.entry(key).or_insert_with(new);
        format!("{}::{}", self.path, kind.name)
    }

    /// The module that has them; none where there are none.
    pub fn module(self) -> Option<Module> {
        let kinds: Vec<Kind> = self.known.into_values().collect();
        let doc = "Kinds that have no type in the library.".to_owned();
        (!kinds.is_empty()).then(|| Module { doc, kinds, ..Module::default() })
    }
}

/// The statement, and what the object became.
pub fn define(
    read: &Read,
    id: &str,
    comments: &[String],
    kinds: &mut Kinds,
    writer: &mut Writer<'_>,
) -> (Statement, Became) {
    let mut body = read.body.clone();
    let metadata = match body.remove("metadata") {
        Some(Data::Map(metadata)) => metadata,
        _ => Bag::default(),
    };
    body.retain(|key, _| !matches!(key, "apiVersion" | "kind"));
    let schema = istio::schema(&read.api_version, &read.kind);
    let path = writer.types.object(&schema, &read.kind).map(|record| record.path.clone());
    let typed = path.as_ref().and_then(|path| writer.record(path, &body));
    let place = [Expr::Scope, Expr::text(id), Expr::text(&read.name)];
    let (mut expr, became) = match (typed, path) {
        (Some(code), Some(path)) => (code.expr.method("define", place), Became::Typed(shown(&path))),
        (_, path) => {
            let why = match path {
                Some(_) => "it lacks a field that its kind requires",
                None => "its kind has no type in the library",
            };
            let kind = path.map_or_else(|| kinds.path(read), |path| shown(&path));
            let define = Path::of("Object", kind.into(), "define");
            (Expr::call(define, place.into_iter().chain([writer.bag(&body)])), Became::Raw(why))
        }
    };
    if let Some(version) = istio::other_version(&read.api_version, &read.kind) {
        expr = expr.method("in_version", [Expr::text(version)]);
    }
    if let Some(namespace) = &read.namespace {
        expr = expr.method("in_namespace", [Expr::text(namespace)]);
    }
    for (key, value) in metadata.iter() {
        let texts = value.as_map().filter(|bag| bag.iter().all(|(_, value)| value.as_str().is_some()));
        expr = match (key, texts) {
            ("name" | "namespace", _) => expr,
            ("labels", Some(bag)) => each(expr, "label", bag),
            ("annotations", Some(bag)) => each(expr, "annotate", bag),
            _ => expr.method("patch", [Expr::text(format!("metadata.{key}")), writer.data(value).expr]),
        }
    }
    let mut statement = Statement { comments: comments.to_vec(), ..Statement::of(expr) };
    statement.is_apart = layout::is_long(&statement) || !comments.is_empty();
    (statement, became)
}

fn each(of: Expr, method: &str, bag: &Bag) -> Expr {
    bag.iter().fold(of, |of, (key, value)| of.method(method, [Expr::text(key), Expr::text(value.to_text())]))
}

#[cfg(test)]
mod tests {
    use meshsynth_types::facts::versions::istio::{SERVED, other_version, schema};

    use crate::types::Types;

    #[test]
    fn other_versions_have_the_schema_of_a_type() {
        let mut types = Types::default();
        for (group, kinds, _, others) in SERVED {
            for (kind, version) in kinds.iter().flat_map(|kind| others.iter().map(move |version| (kind, version))) {
                let own = format!("{group}/{version}");
                assert_eq!(other_version(&own, kind), Some(*version));
                assert!(types.object(&own, kind).is_none(), "{own} {kind} has a type of its own");
                assert!(types.object(&schema(&own, kind), kind).is_some(), "{own} {kind}");
            }
        }
    }

    #[test]
    fn kinds_of_one_version_keep_it() {
        assert_eq!(schema("networking.istio.io/v1alpha3", "EnvoyFilter"), "networking.istio.io/v1alpha3");
        assert_eq!(schema("networking.istio.io/v1", "Gateway"), "networking.istio.io/v1");
        assert_eq!(schema("v1", "Service"), "v1");
        assert_eq!(other_version("networking.istio.io/v1", "Gateway"), None);
        assert_eq!(other_version("networking.istio.io/v1alpha2", "Gateway"), None);
    }
}
