//! The statement that defines an object.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_facts::{self as facts, versions::served};
use meshsynth_model::val::{Bag, Data};

use super::cleaned::cleaned;
use crate::Object;
use crate::code::Writer;
use crate::module::{Kind, Module};
use crate::names::Given;
use crate::report::Became;
use crate::tree::{Expr, Path, Statement, layout};
use crate::types::{Types, shown};

/// The labels that name the component of an object, by priority.
///
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
const NAMES: [&str; 3] = ["app.kubernetes.io/name", "k8s-app", "app"];

/// Returns the cluster-scoped kinds of definitions among the objects.
pub fn of_clusters(objects: &[Object]) -> BTreeSet<String> {
    let definitions = objects.iter().filter(|it| text_at(it, "kind") == Some("CustomResourceDefinition"));
    let whole = definitions.filter(|it| text_at(it, "spec.scope") == Some("Cluster"));
    whole.filter_map(|it| text_at(it, "spec.names.kind").map(str::to_owned)).collect()
}

/// An object with its identity.
pub struct Read {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    /// Its namespace, or `None` if its kind is cluster-scoped.
    pub namespace: Option<String>,
    /// Its content, without values that a cluster adds.
    pub body: Bag,
}

impl Read {
    /// Reads an object, or returns the reason why it cannot be adopted.
    pub fn of(object: &Object, types: &mut Types, whole: &BTreeSet<String>) -> Result<Self, String> {
        let (Some(api_version), Some(kind)) = (text_at(object, "apiVersion"), text_at(object, "kind")) else {
            return Err("its `apiVersion` or `kind` is missing".to_owned());
        };
        let Some(name) = text_at(object, "metadata.name") else {
            return Err(format!("`{kind}` has no name: Kubernetes generates a new name at each creation"));
        };
        let given = text_at(object, "metadata.namespace").map(str::to_owned);
        let is_typed = types.object(api_version, kind).is_some();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let is_namespaced = facts::kubernetes(api_version, kind).map(|facts| facts.namespaced);
        let namespace = match is_namespaced.filter(|_| is_typed) {
            Some(false) => None,
            Some(true) => Some(given.unwrap_or_else(|| object.namespace.clone())),
            // A kind without a schema counts as namespaced, unless a definition among the objects is cluster-scoped.
            None if whole.contains(kind) || facts::is_of_cluster(group, kind) => None,
            None => Some(given.unwrap_or_else(|| object.namespace.clone())),
        };
        let body = cleaned(object.data.as_map().unwrap_or(&Bag::default()));
        let (api_version, kind, name) = (api_version.to_owned(), kind.to_owned(), name.to_owned());
        Ok(Self { api_version, kind, name, namespace, body })
    }

    /// Returns its namespace and name, as in the report.
    pub fn full_name(&self) -> String {
        [self.namespace.as_deref(), Some(&self.name)].into_iter().flatten().collect::<Vec<_>>().join("/")
    }

    /// Whether it is a namespace.
    pub fn is_namespace(&self) -> bool {
        self.api_version == "v1" && self.kind == "Namespace"
    }

    /// Whether it is a namespace, or is in one, with a valid namespace name.
    pub fn has_valid_namespace(&self) -> bool {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        self.namespace_name().is_some_and(|name| {
            (1..=63).contains(&name.len())
                && name.starts_with(is_plain)
                && name.ends_with(is_plain)
                && name.chars().all(|c| is_plain(c) || c == '-')
        })
    }

    /// Returns its namespace, or its name if it is a namespace.
    pub fn namespace_name(&self) -> Option<&str> {
        self.namespace.as_deref().or_else(|| self.is_namespace().then_some(self.name.as_str()))
    }

    /// Whether it is a custom resource definition.
    pub fn is_definition(&self) -> bool {
        self.kind == "CustomResourceDefinition" && self.api_version.starts_with("apiextensions.k8s.io/")
    }

    /// Returns its component, according to the common labels.
    pub fn component(&self) -> Option<String> {
        if self.is_definition() {
            return Some("crds".to_owned());
        }
        let labels = self.body.get("metadata")?.at("labels")?.as_map()?;
        NAMES.iter().find_map(|key| labels.get(key)?.as_str()).map(str::to_owned)
    }

    /// Returns its API version if its type has another one.
    pub fn other_version(&self) -> Option<&str> {
        served::other_version(&self.api_version, &self.kind)
    }
}

/// The kinds that the program defines.
pub struct Kinds {
    path: String,
    names: Given,
    known: BTreeMap<(String, String, bool), Kind>,
}

impl Kinds {
    /// Creates an empty set for the module of a cluster.
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

    /// Returns the module of the kinds, or `None` if there are no kinds.
    pub fn module(self) -> Option<Module> {
        let kinds: Vec<Kind> = self.known.into_values().collect();
        let doc = "Kinds that have no type in the library.".to_owned();
        (!kinds.is_empty()).then(|| Module { doc, kinds, ..Module::default() })
    }
}

/// Writes the content of an object without metadata as a typed value. Returns `None` if its kind has no type, or if
/// required fields are missing.
pub fn value(read: &Read, writer: &mut Writer<'_>) -> Option<Expr> {
    let schema = served::schema(&read.api_version, &read.kind);
    let path = writer.types.object(&schema, &read.kind)?.path.clone();
    Some(writer.record(&path, &spoken(&read.body))?.expr)
}

/// Returns the content of an object without metadata.
fn spoken(body: &Bag) -> Bag {
    let mut body = body.clone();
    body.retain(|key, _| !matches!(key, "apiVersion" | "kind" | "metadata"));
    body
}

/// Writes the statement of an object as its kind, and returns the result for the report.
pub fn define(
    read: &Read,
    id: &str,
    comments: &[String],
    kinds: &mut Kinds,
    writer: &mut Writer<'_>,
) -> (Statement, Became) {
    let schema = served::schema(&read.api_version, &read.kind);
    let path = writer.types.object(&schema, &read.kind).map(|record| record.path.clone());
    let place = [Expr::Scope, Expr::text(id), Expr::text(&read.name)];
    let (mut expr, became) = match (value(read, writer), path) {
        (Some(value), Some(path)) => (value.method("define", place), Became::Typed(shown(&path))),
        (_, path) => {
            let why = match path {
                Some(_) => "a field that its kind requires is missing",
                None => "the library has no type for its kind",
            };
            let kind = path.map_or_else(|| kinds.path(read), |path| shown(&path));
            let define = Path::of("Object", kind.into(), "define");
            let body = writer.bag(&spoken(&read.body));
            (Expr::call(define, place.into_iter().chain([body])), Became::Raw(why))
        }
    };
    if let Some(version) = read.other_version() {
        expr = expr.method("in_version", [Expr::text(version)]);
    }
    if let Some(namespace) = &read.namespace {
        expr = expr.method("in_namespace", [Expr::text(namespace)]);
    }
    (statement(described(expr, read, writer), comments), became)
}

/// Writes a statement of one line, separated by blank lines if it is long or has comments.
pub fn statement(expr: Expr, comments: &[String]) -> Statement {
    let mut statement = Statement { comments: comments.to_vec(), ..Statement::of(expr) };
    statement.is_apart = layout::is_long(&statement) || !comments.is_empty();
    statement
}

/// Adds the metadata of an object: labels, annotations and the remaining fields.
pub fn described(mut expr: Expr, read: &Read, writer: &mut Writer<'_>) -> Expr {
    let Some(Data::Map(metadata)) = read.body.get("metadata") else { return expr };
    for (key, value) in metadata.iter() {
        let texts = value.as_map().filter(|bag| bag.iter().all(|(_, value)| value.as_str().is_some()));
        expr = match (key, texts) {
            ("name" | "namespace", _) => expr,
            ("labels", Some(bag)) if bag.len() > 1 => expr.method("labels", [pairs(bag)]),
            ("labels", Some(bag)) => each(expr, "label", bag),
            ("annotations", Some(bag)) => each(expr, "annotate", bag),
            _ => expr.method("patch", [Expr::text(format!("metadata.{key}")), writer.data(value).expr]),
        }
    }
    expr
}

/// Writes a text map as an array of pairs.
fn pairs(bag: &Bag) -> Expr {
    let pair = |(key, value): (&str, &Data)| Expr::Tuple(vec![Expr::text(key), Expr::text(value.to_text())]);
    Expr::Array(bag.iter().map(pair).collect())
}

fn each(of: Expr, method: &str, bag: &Bag) -> Expr {
    bag.iter().fold(of, |of, (key, value)| of.method(method, [Expr::text(key), Expr::text(value.to_text())]))
}

/// Returns the text at a path of an object.
fn text_at<'a>(object: &'a Object, path: &str) -> Option<&'a str> {
    object.data.at(path).and_then(Data::as_str)
}

#[cfg(test)]
mod tests {
    use meshsynth_facts::versions::served::{other_version, rows, schema};

    use crate::types::Types;

    #[test]
    fn untyped_versions_use_the_schema_of_a_typed_version() {
        let mut types = Types::default();
        for (group, kinds, _, others) in rows() {
            for (kind, version) in kinds.iter().flat_map(|kind| others.iter().map(move |version| (kind, version))) {
                let own = format!("{group}/{version}");
                assert_eq!(other_version(&own, kind), Some(*version));
                assert!(types.object(&own, kind).is_none(), "{own} {kind} has a type of its own");
                assert!(types.object(&schema(&own, kind), kind).is_some(), "{own} {kind}");
            }
        }
    }

    #[test]
    fn objects_of_typed_versions_keep_their_version() {
        assert_eq!(schema("networking.istio.io/v1alpha3", "EnvoyFilter"), "networking.istio.io/v1alpha3");
        assert_eq!(schema("networking.istio.io/v1", "Gateway"), "networking.istio.io/v1");
        assert_eq!(schema("v1", "Service"), "v1");
        assert_eq!(other_version("networking.istio.io/v1", "Gateway"), None);
        assert_eq!(other_version("networking.istio.io/v1alpha2", "Gateway"), None);
        assert_eq!(
            other_version("gateway.networking.k8s.io/v1alpha2", "TLSRoute"),
            None,
            "its host names are optional"
        );
    }
}
