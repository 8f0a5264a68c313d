//! RBAC roles and bindings.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::selector::{Labels, Selector};
use crate::json::{field, items, text, texts};
use crate::sets::{Cube, Dimension, Glob, Region, Set, Test};

/// The kind, namespace (empty for a ClusterRole) and name of a role.
pub type RoleKey = (String, String, String);

/// The roles and bindings of a cluster.
#[derive(Debug, Default)]
pub struct Rbac {
    roles: BTreeMap<RoleKey, Role>,
    bindings: Vec<Binding>,
}

#[derive(Debug)]
struct Role {
    rules: Vec<Value>,
    labels: Labels,
    /// The label selectors of an aggregated role. A controller fills in its rules.
    aggregates: Vec<Selector>,
}

#[derive(Debug)]
struct Binding {
    role: RoleKey,
    /// The namespace, or `None` for the whole cluster.
    namespace: Option<String>,
    subjects: Vec<Set>,
}

impl Rbac {
    /// Adds a role or a binding. Other objects are ignored.
    pub fn add(&mut self, document: &Value) {
        let kind = field(document, "kind");
        let (name, namespace) = (field(&document["metadata"], "name"), field(&document["metadata"], "namespace"));
        match kind {
            "Role" | "ClusterRole" => {
                let labels = document["metadata"]["labels"].as_object().into_iter().flatten();
                let selectors = items(&document["aggregationRule"]["clusterRoleSelectors"]);
                let role = Role {
                    rules: items(&document["rules"]).to_vec(),
                    labels: labels.map(|(key, value)| (key.clone(), text(value))).collect(),
                    aggregates: selectors.iter().map(Selector::parse).collect(),
                };
                self.roles.insert(Self::role(kind, namespace, name), role);
            }
            "RoleBinding" | "ClusterRoleBinding" => {
                let namespace = (kind == "RoleBinding").then(|| namespace.to_owned());
                let role = &document["roleRef"];
                self.bindings.push(Binding {
                    role: Self::role(
                        field(role, "kind"),
                        namespace.as_deref().unwrap_or_default(),
                        field(role, "name"),
                    ),
                    subjects: items(&document["subjects"]).iter().map(|it| subject(it, namespace.as_deref())).collect(),
                    namespace,
                });
            }
            _ => {}
        }
    }

    /// Returns the key of a role. A ClusterRole has no namespace.
    pub fn role(kind: &str, namespace: &str, name: &str) -> RoleKey {
        let namespace = if kind == "ClusterRole" { "" } else { namespace };
        (kind.to_owned(), namespace.to_owned(), name.to_owned())
    }

    /// Returns the permissions of the subjects of all bindings.
    pub fn admits(&self) -> Region {
        let of = |binding: &Binding| -> Region {
            let who = binding.subjects.iter().map(|who| Cube::new().with(Dimension::Principal, who.clone()));
            let who: Region = who.collect();
            let rules = self.holder(&binding.role);
            match &binding.namespace {
                None => who.and(rules),
                Some(namespace) => {
                    // Non-resource paths are not in a namespace.
                    let within = Cube::new()
                        .with(Dimension::Namespace, Set::literal(namespace))
                        .with(Dimension::Kind, Set::literal(RESOURCE));
                    who.and(rules).and(within.into())
                }
            }
        };
        self.bindings.iter().map(of).collect()
    }

    /// Returns the permissions of a role, independent of its bindings.
    pub fn holder(&self, key: &RoleKey) -> Region {
        let opaque =
            || Region::from(Cube::new().with(Dimension::Opaque(format!("{} {}", key.0, key.2)), Set::literal("yes")));
        let aggregated = |selectors: &[Selector]| -> Region {
            let roles = self.roles.iter().filter(|((kind, ..), _)| kind == "ClusterRole");
            let roles = roles.filter(|(_, role)| selectors.iter().any(|it| it.selects(&role.labels)));
            roles.flat_map(|(_, role)| role.rules.iter().flat_map(cubes)).collect()
        };
        match self.roles.get(key) {
            Some(role) if role.aggregates.is_empty() => role.rules.iter().flat_map(cubes).collect(),
            // The controller overwrites the rules.
            Some(role) => aggregated(&role.aggregates),
            None => match (key.0.as_str(), key.2.as_str()) {
                ("ClusterRole", "cluster-admin") => everything(),
                ("ClusterRole", name @ ("admin" | "edit" | "view")) => opaque().or(aggregated(&built_in(name))),
                _ => opaque(),
            },
        }
    }

    /// Whether a role's rules contain those of `from`: because both are the same role, or by aggregation.
    pub fn feeds(&self, key: &RoleKey, from: &RoleKey) -> bool {
        if key == from {
            return true;
        }
        let Some(role) = self.roles.get(from).filter(|_| from.0 == "ClusterRole") else { return false };
        let selectors = match self.roles.get(key) {
            Some(role) => role.aggregates.clone(),
            None if key.0 == "ClusterRole" => built_in(&key.2),
            None => Vec::new(),
        };
        selectors.iter().any(|it| it.selects(&role.labels))
    }
}

/// Returns the selectors of a built-in aggregated role. `admin` contains `edit`, and `edit` contains `view`.
fn built_in(name: &str) -> Vec<Selector> {
    let narrower: &[&str] = match name {
        "admin" => &["admin", "edit", "view"],
        "edit" => &["edit", "view"],
        "view" => &["view"],
        _ => &[],
    };
    let label = |name: &&str| format!("rbac.authorization.k8s.io/aggregate-to-{name}");
    narrower.iter().map(|name| Selector::labels(&serde_json::json!({ label(name): "true" }))).collect()
}

const RESOURCE: &str = "resource";
const URL: &str = "url";

fn everything() -> Region {
    [RESOURCE, URL].map(|kind| Cube::new().with(Dimension::Kind, Set::literal(kind))).into_iter().collect()
}

/// Returns the requests that a rule admits: resources and non-resource paths.
fn cubes(rule: &Value) -> Vec<Cube> {
    let set = |key: &str, glob: fn(&str) -> Glob| Set::of(texts(&rule[key]).iter().map(|it| Test::Text(glob(it))));
    let whole = |it: &str| if it == "*" { Glob::any() } else { Glob::literal(it) };
    let verbs = set("verbs", whole);
    let mut cubes = Vec::new();
    if rule.get("resources").is_some() {
        let resource = |it: &str| if it == "*" || it.starts_with("*/") { Glob::star(it) } else { Glob::literal(it) };
        let mut cube = Cube::new()
            .with(Dimension::Kind, Set::literal(RESOURCE))
            .with(Dimension::Action, verbs.clone())
            .with(Dimension::ApiGroup, set("apiGroups", whole))
            .with(Dimension::Resource, set("resources", resource));
        if !items(&rule["resourceNames"]).is_empty() {
            cube = cube.with(Dimension::ResourceName, set("resourceNames", Glob::literal));
        }
        cubes.push(cube);
    }
    if rule.get("nonResourceURLs").is_some() {
        let path = |it: &str| if it.ends_with('*') { Glob::star(it) } else { Glob::literal(it) };
        let cube = Cube::new().with(Dimension::Kind, Set::literal(URL)).with(Dimension::Action, verbs);
        cubes.push(cube.with(Dimension::Path, set("nonResourceURLs", path)));
    }
    cubes
}

/// Returns the principals of a subject. The built-in groups of all users or all service accounts are replaced by their
/// members.
fn subject(subject: &Value, namespace: Option<&str>) -> Set {
    let name = field(subject, "name");
    let text = match field(subject, "kind") {
        "ServiceAccount" => {
            let namespace = subject["namespace"].as_str().or(namespace).unwrap_or_default();
            return Set::literal(&format!("system:serviceaccount:{namespace}:{name}"));
        }
        "Group" => match (name, name.strip_prefix("system:serviceaccounts:")) {
            ("system:unauthenticated", _) => return anonymous(),
            ("system:authenticated", _) => return anonymous().complement(),
            ("system:serviceaccounts", _) => {
                return Set::of([Test::Text(Glob::star("system:serviceaccount:*"))]);
            }
            (_, Some(namespace)) => {
                return Set::of([Test::Text(Glob::star(&format!("system:serviceaccount:{namespace}:*")))]);
            }
            _ => format!("group {name}"),
        },
        _ if name == "system:anonymous" => return anonymous(),
        _ => name.to_owned(),
    };
    Set::literal(&text)
}

/// Returns an unauthenticated principal.
fn anonymous() -> Set {
    Set::of([Test::Absent])
}
