//! RBAC: rules, names, paths, groups, bindings in a namespace and in the cluster, aggregation.

use meshsynth_access::kubernetes::Rbac;
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, property};

/// Verbs, groups, resources, names; or verbs and paths.
#[derive(Clone, Debug)]
enum Rule {
    Resources(Vec<&'static str>, Vec<&'static str>, Vec<&'static str>, Vec<&'static str>),
    Paths(Vec<&'static str>, Vec<&'static str>),
}

#[derive(Clone, Debug)]
struct Cluster {
    /// The rules of the ClusterRoles `a` and `b`, and whether `sum` aggregates them.
    roles: [(Vec<Rule>, bool); 2],
    bindings: Vec<(&'static str, &'static str, Option<&'static str>)>,
}

const USERS: [&str; 5] =
    ["alice", "bob", "system:serviceaccount:one:x", "system:serviceaccount:two:y", "system:anonymous"];
const SUBJECTS: [&str; 7] = [
    "User alice",
    "ServiceAccount one/x",
    "Group system:serviceaccounts",
    "Group system:serviceaccounts:one",
    "Group system:authenticated",
    "Group system:unauthenticated",
    "User bob",
];

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(of), 1..3)
}

fn rule() -> impl Strategy<Value = Rule> {
    let names = prop_oneof![Just(Vec::new()), some(&["n", "m"])];
    let resources =
        (some(&["get", "list", "*"]), some(&["", "apps", "*"]), some(&["pods", "pods/log", "*/log", "*"]), names);
    prop_oneof![
        3 => resources.prop_map(|(verbs, groups, resources, names)| Rule::Resources(verbs, groups, resources, names)),
        1 => (some(&["get", "*"]), some(&["/healthz", "/health*", "*"])).prop_map(|(verbs, paths)| Rule::Paths(verbs, paths)),
    ]
}

fn cluster() -> impl Strategy<Value = Cluster> {
    let role = || (prop::collection::vec(rule(), 0..3), any::<bool>());
    let namespace = prop::option::of(prop::sample::select(&["one", "two"][..]));
    let binding = (prop::sample::select(&SUBJECTS[..]), prop::sample::select(&["a", "b", "sum"][..]), namespace);
    ((role(), role()), prop::collection::vec(binding, 0..3))
        .prop_map(|((a, b), bindings)| Cluster { roles: [a, b], bindings })
}

fn rbac(cluster: &Cluster) -> Rbac {
    let mut rbac = Rbac::default();
    let rules = |rules: &[Rule]| -> Vec<Json> {
        let json = |rule: &Rule| match rule {
            Rule::Resources(verbs, groups, resources, names) if names.is_empty() => {
                json!({ "verbs": verbs, "apiGroups": groups, "resources": resources })
            }
            Rule::Resources(verbs, groups, resources, names) => {
                json!({ "verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names })
            }
            Rule::Paths(verbs, paths) => json!({ "verbs": verbs, "nonResourceURLs": paths }),
        };
        rules.iter().map(json).collect()
    };
    for (name, (list, is_part)) in ["a", "b"].iter().zip(&cluster.roles) {
        let labels = if *is_part { json!({ "part-of": "sum" }) } else { json!({}) };
        rbac.add(
            &json!({ "kind": "ClusterRole", "metadata": { "name": name, "labels": labels }, "rules": rules(list) }),
        );
    }
    let selectors = json!([{ "matchLabels": { "part-of": "sum" } }]);
    rbac.add(&json!({ "kind": "ClusterRole", "metadata": { "name": "sum" }, "aggregationRule": { "clusterRoleSelectors": selectors } }));
    for (subject, role, namespace) in &cluster.bindings {
        let (kind, name) = subject.split_once(' ').unwrap();
        let subject = match name.split_once('/') {
            Some((namespace, name)) => json!({ "kind": kind, "name": name, "namespace": namespace }),
            None => json!({ "kind": kind, "name": name }),
        };
        let kind = if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
        rbac.add(&json!({
            "kind": kind, "metadata": { "name": "it", "namespace": namespace }, "subjects": [subject],
            "roleRef": { "kind": "ClusterRole", "name": role },
        }));
    }
    rbac
}

#[derive(Clone, Debug)]
struct Point {
    user: &'static str,
    verb: &'static str,
    /// Either a path, or a group, a resource, a name and a namespace.
    path: Option<&'static str>,
    group: &'static str,
    resource: &'static str,
    name: Option<&'static str>,
    namespace: &'static str,
}

fn points() -> Vec<Point> {
    let mut points = Vec::new();
    for user in USERS {
        for verb in ["get", "list", "patch"] {
            for path in ["/healthz", "/healthy", "/version"] {
                points.push(Point { user, verb, path: Some(path), group: "", resource: "", name: None, namespace: "" });
            }
            for group in ["", "apps", "batch"] {
                for resource in ["pods", "pods/log", "jobs/log", "jobs"] {
                    for name in [None, Some("n"), Some("m"), Some("o")] {
                        for namespace in ["one", "two", "three"] {
                            points.push(Point { user, verb, path: None, group, resource, name, namespace });
                        }
                    }
                }
            }
        }
    }
    points
}

fn is_subject(subject: &str, user: &str) -> bool {
    let account = user.strip_prefix("system:serviceaccount:");
    match subject.split_once(' ').unwrap() {
        ("User", name) => name == user,
        ("ServiceAccount", name) => account.is_some_and(|it| it.replace(':', "/") == name),
        (_, "system:serviceaccounts") => account.is_some(),
        (_, "system:serviceaccounts:one") => account.is_some_and(|it| it.starts_with("one:")),
        (_, "system:authenticated") => user != "system:anonymous",
        (_, group) => group == "system:unauthenticated" && user == "system:anonymous",
    }
}

fn allows(rule: &Rule, point: &Point) -> bool {
    let has = |list: &[&str], value: &str| list.iter().any(|it| *it == "*" || *it == value);
    match (rule, point.path) {
        (Rule::Paths(verbs, paths), Some(path)) => {
            let fits = |it: &&str| it.strip_suffix('*').map_or(**it == *path, |start| path.starts_with(start));
            has(verbs, point.verb) && paths.iter().any(fits)
        }
        (Rule::Resources(verbs, groups, resources, names), None) => {
            let sub = point.resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
            has(verbs, point.verb)
                && has(groups, point.group)
                && (has(resources, point.resource) || sub.is_some_and(|it| resources.contains(&it.as_str())))
                && (names.is_empty() || point.name.is_some_and(|it| names.contains(&it)))
        }
        _ => false,
    }
}

fn admits(cluster: &Cluster, point: &Point) -> bool {
    cluster.bindings.iter().any(|(subject, role, namespace)| {
        let roles = ["a", "b"].iter().zip(&cluster.roles);
        let mut rules = roles.filter(|(name, (_, is_part))| *name == role || (*role == "sum" && *is_part));
        let within = namespace.is_none_or(|it| point.path.is_none() && it == point.namespace);
        is_subject(subject, point.user)
            && within
            && rules.any(|(_, (rules, _))| rules.iter().any(|it| allows(it, point)))
    })
}

fn value(point: &Point, dimension: &Dimension) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match (dimension, point.path) {
        (Dimension::Principal, _) if point.user == "system:anonymous" => Value::Absent,
        (Dimension::Principal, _) => text(point.user),
        (Dimension::Action, _) => text(point.verb),
        (Dimension::Kind, path) => text(if path.is_some() { "url" } else { "resource" }),
        (Dimension::Path, Some(path)) => text(path),
        (Dimension::ApiGroup, None) => text(point.group),
        (Dimension::Resource, None) => text(point.resource),
        (Dimension::ResourceName, None) => point.name.map_or(Value::Absent, text),
        (Dimension::Namespace, None) => text(point.namespace),
        _ => Value::Free,
    }
}

#[test]
fn bindings_match_the_evaluator() {
    let points = points();
    property(150, &(cluster(), cluster()), |(before, after)| {
        let is_admitted = |point: &Point, is_after: bool| admits(if is_after { &after } else { &before }, point);
        check(&rbac(&before).admits(), &rbac(&after).admits(), &points, is_admitted, value)
    });
}
