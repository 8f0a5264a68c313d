//! The check of existing manifests, as a platform that contains only them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diag::{Diagnostic, Severity};
use crate::manifest::{Manifest, is_namespaced};
use crate::node::{self, Kind};
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data};
use crate::{App, facts, rules, synth};

/// A Helm release that belongs to the manifests.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The chart's repository.
    pub repository: String,
    /// The chart.
    pub chart: String,
    /// The chart's version.
    pub version: String,
    /// The values that override those of the chart.
    pub values: Bag,
}

/// The contents of one cluster.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The name of the cluster. With several clusters, it is the prefix of the paths of its objects.
    pub cluster: String,
    /// Its Kubernetes version, such as `1.36`.
    pub version: String,
    /// The namespace of objects without a namespace.
    pub namespace: String,
    /// Its objects.
    pub manifests: Vec<Manifest>,
    /// Its Helm releases.
    pub releases: Vec<Release>,
    /// Namespaces with more objects than `manifests`, such as unreadable documents. Missing objects in them are not
    /// reported.
    pub known_in_part: Vec<String>,
}

/// Whether the manifests are the complete contents of the clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// The manifests are a part. Undefined objects may exist. A namespace with defined services or workloads is treated
    /// as complete.
    #[default]
    Open,
    /// The manifests are complete. Undefined objects do not exist.
    Closed,
}

/// Checks existing manifests with the same rules as a platform.
///
/// Diagnostics are sorted, with errors first. Each has the location of its object, and `field` is the path of the
/// invalid part, if there is one.
pub fn check(clusters: Vec<Contents>, world: World) -> Vec<Diagnostic> {
    let app = App::new("check");
    app.scope().settings(|settings| settings.is_open = world == World::Open);
    let is_one = clusters.len() == 1;
    for contents in clusters {
        let cluster = if is_one { app.scope().clone() } else { app.scope().construct(&as_id(&contents.cluster)) };
        fill(&cluster, contents);
    }
    let mut found = synth::check(app.scope(), &rules::Rules::default());
    if world == World::Open {
        for diagnostic in found.iter_mut().filter(|it| is_lenient(it.code)) {
            diagnostic.severity = diagnostic.severity.max(Severity::Warning);
        }
        found.sort_by_key(|it| it.severity);
    }
    found
}

/// Whether a finding is only a warning for incomplete manifests. Secrets in plain text may be examples, and an
/// autoscaler may override an initial number of replicas.
fn is_lenient(code: &str) -> bool {
    matches!(code, "MS0112" | "MS0401")
}

fn fill(cluster: &Scope, contents: Contents) {
    let target = node::Target {
        name: Data::from(contents.cluster),
        version: contents.version,
        known_in_part: contents.known_in_part,
        ..Default::default()
    };
    let target = cluster.define_at("kubernetes.target", Kind::Target(target), At::caller());
    cluster.on_target(&target).in_namespace(&contents.namespace);
    let mut namespaces: BTreeMap<String, Scope> = BTreeMap::new();
    let mut taken: HashMap<String, usize> = HashMap::new();
    for release in contents.releases {
        let id = format!("helm-{}", as_id(&release.name));
        let Release { name, namespace, repository, chart, version, values } = release;
        let release = node::Release { name, namespace, repository, chart, version, values, depends_on: Vec::new() };
        cluster.define_at(&numbered(id, &mut taken), Kind::Release(Box::new(release)), At::caller());
    }
    let defined = cluster_kinds(&contents.manifests);
    for mut manifest in contents.manifests {
        let namespace = namespace_of(&manifest, &contents.namespace, &defined);
        manifest.namespace.clone_from(&namespace);
        let id = as_id(&format!("{}-{}", manifest.kind, manifest.name));
        let (scope, key) = match namespace {
            Some(namespace) => {
                let scope = namespaces.entry(as_id(&namespace)).or_insert_with_key(|id| cluster.construct(id));
                (&*scope, format!("{namespace}/{id}"))
            }
            None => (cluster, id.clone()),
        };
        let id = match numbered(key.clone(), &mut taken).strip_prefix(&key) {
            Some(number) => id + number,
            None => id,
        };
        manifest.define(scope, &id);
    }
}

/// Returns the construct paths for the manifests of a cluster, in their order.
pub fn constructs(contents: &Contents) -> Vec<String> {
    let defined = cluster_kinds(&contents.manifests);
    let path = |manifest: &Manifest| {
        let id = as_id(&format!("{}-{}", manifest.kind, manifest.name));
        match namespace_of(manifest, &contents.namespace, &defined) {
            Some(namespace) => format!("{}/{id}", as_id(&namespace)),
            None => id,
        }
    };
    contents.manifests.iter().map(path).collect()
}

/// Returns the namespace of an object, or `None` if its kind is cluster-scoped.
fn namespace_of(manifest: &Manifest, default: &str, defined: &HashSet<(String, String)>) -> Option<String> {
    let group = manifest.api_version.split_once('/').map_or("", |(group, _)| group);
    let is_of_cluster = match is_namespaced(&manifest.api_version, &manifest.kind) {
        Some(is_namespaced) => !is_namespaced,
        // Most kinds are namespaced. A custom resource definition in the manifests may define a cluster-scoped kind.
        None => {
            facts::is_of_cluster(group, &manifest.kind) || defined.contains(&(group.to_owned(), manifest.kind.clone()))
        }
    };
    (!is_of_cluster).then(|| manifest.namespace.clone().unwrap_or_else(|| default.to_owned()))
}

/// Returns the cluster-scoped kinds of definitions in the manifests, each with its group.
fn cluster_kinds(manifests: &[Manifest]) -> HashSet<(String, String)> {
    let definitions = manifests.iter().filter(|it| it.kind == "CustomResourceDefinition");
    let on_cluster = definitions.filter(|it| it.body.at("spec.scope").and_then(Data::as_str) == Some("Cluster"));
    on_cluster
        .filter_map(|it| {
            let text = |path: &str| it.body.at(path).map(Data::to_text);
            Some((text("spec.group")?, text("spec.names.kind")?))
        })
        .collect()
}

/// Appends a number to a name that is already used.
fn numbered(id: String, taken: &mut HashMap<String, usize>) -> String {
    let n_taken = taken.entry(id.clone()).or_default();
    *n_taken += 1;
    if *n_taken == 1 { id } else { format!("{id}.{n_taken}") }
}

/// Converts a name to a part of a construct path.
fn as_id(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let id: String = name.chars().map(plain).take(110).collect();
    if id.starts_with(|c: char| c.is_ascii_alphanumeric()) { id } else { format!("x{id}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(name: &'static str, line: u32) -> Manifest {
        let metadata = Bag::default().with("name", name).with("uid", "1");
        let body = Bag::default().with("apiVersion", "v1").with("kind", "ConfigMap").with("metadata", metadata);
        Manifest::new(Data::Map(body.with("datta", 1)), At::new("a.yaml", line, 3)).expect("it is one")
    }

    #[test]
    fn reports_file_location_and_field() {
        let contents =
            Contents { namespace: "shop".to_owned(), manifests: vec![config("a", 7)], ..Contents::default() };
        let found = check(vec![contents], World::Open);
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0106"]);
        assert_eq!(found[0].place.as_ref().map(ToString::to_string).as_deref(), Some("a.yaml:7:3"));
        assert_eq!(found[0].field.as_deref(), Some("datta"));
        assert_eq!(found[0].construct, "shop/configmap-a");
    }

    #[test]
    fn treats_unknown_kinds_as_namespaced_by_default() {
        let widget = |namespace: Option<&'static str>| {
            let metadata = Bag::default().with("name", "a");
            let metadata = namespace.map_or(metadata.clone(), |namespace| metadata.with("namespace", namespace));
            let body =
                Bag::default().with("apiVersion", "acme.io/v1").with("kind", "Widget").with("metadata", metadata);
            Manifest::new(Data::Map(body), At::new("a.yaml", 1, 1)).expect("it is one")
        };
        let names = Bag::default().with("kind", "Widget").with("plural", "widgets");
        let spec = Bag::default().with("group", "acme.io").with("scope", "Cluster").with("names", names);
        let definition = Bag::default()
            .with("apiVersion", "apiextensions.k8s.io/v1")
            .with("kind", "CustomResourceDefinition")
            .with("metadata", Bag::default().with("name", "widgets.acme.io"))
            .with("spec", spec);
        let definition = Manifest::new(Data::Map(definition), At::new("a.yaml", 9, 1)).expect("it is one");
        let found = |manifests: Vec<Manifest>| -> Vec<&str> {
            let contents = Contents { namespace: "shop".to_owned(), manifests, ..Contents::default() };
            check(vec![contents], World::Open).into_iter().map(|it| it.code).filter(|code| *code == "MS0408").collect()
        };
        assert_eq!(found(vec![widget(None), widget(Some("other"))]), [""; 0]);
        assert_eq!(found(vec![widget(None), widget(Some("shop"))]), ["MS0408"]);
        assert_eq!(found(vec![definition, widget(None), widget(Some("shop"))]), ["MS0408"]);
    }

    #[test]
    fn reports_missing_field_of_manifest() {
        let lacks = |body: Bag| Manifest::new(Data::Map(body), At::new("a.yaml", 1, 1)).map(|_| ()).unwrap_err();
        assert_eq!(lacks(Bag::default().with("kind", "ConfigMap")), "apiVersion");
        assert_eq!(lacks(Bag::default().with("apiVersion", "v1")), "kind");
        assert_eq!(lacks(Bag::default().with("apiVersion", "v1").with("kind", "ConfigMap")), "metadata.name");
    }

    #[test]
    fn reports_duplicate_object_with_rule() {
        let fine = |line| {
            let mut manifest = config("a", line);
            manifest.body.remove("datta");
            manifest
        };
        let contents =
            Contents { namespace: "shop".to_owned(), manifests: vec![fine(1), fine(9)], ..Contents::default() };
        let found = check(vec![contents], World::Open);
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0408"]);
    }
}
