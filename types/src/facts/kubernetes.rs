//! What is known about Kubernetes kinds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use super::shape::{Dialect, Shape};
use crate::node::Wave;

mod scope;
mod sources;
mod wave;

pub use scope::is_of_cluster;
pub use wave::wave;

/// What is known about one kind.
#[derive(Debug)]
pub struct KindFacts {
    /// Its `apiVersion`.
    pub api_version: &'static str,
    /// Its `kind`.
    pub kind: &'static str,
    /// When its objects are applied.
    pub wave: Wave,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Paths that the API server refuses to change; what lies below one that begins with `!` may change.
    pub immutable: Vec<String>,
    /// What everything beside `apiVersion` and `kind` must be.
    pub shape: Shape,
}

/// The lines of the facts by what they are about.
struct Lines {
    kinds: BTreeMap<(&'static str, &'static str), &'static str>,
    definitions: HashMap<&'static str, &'static str>,
}

/// The facts about a kind; none where it is not known.
pub fn kubernetes(api_version: &str, kind: &str) -> Option<&'static KindFacts> {
    static KNOWN: OnceLock<Mutex<HashMap<&str, &KindFacts>>> = OnceLock::new();
    let line = *lines().kinds.get(&(api_version, kind))?;
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    // Read once per kind and kept for the life of the program.
    Some(known.entry(line).or_insert_with(|| Box::leak(Box::new(read(line)))))
}

/// The facts about a kind of the same group under another version, for what all versions share.
pub fn other_version(api_version: &str, kind: &str) -> Option<&'static KindFacts> {
    let group = |api_version: &str| api_version.rsplit_once('/').map_or(String::new(), |(group, _)| group.to_owned());
    let wanted = group(api_version);
    let (api_version, kind) = known_kinds().find(|(known, name)| *name == kind && group(known) == wanted)?;
    kubernetes(api_version, kind)
}

/// The kinds that are known: `apiVersion` and `kind`, sorted.
pub fn known_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines().kinds.keys().copied()
}

/// What a field of an object is when it is left out, as the schema of its kind says.
///
/// The path is dotted, with `*` for what lies in a list. The API server's own kinds say nothing.
///
/// ```
/// use meshsynth::facts::kubernetes_default;
///
/// let default = |path| kubernetes_default("keda.sh/v1alpha1", "ScaledObject", path);
/// assert_eq!(default("spec.triggers.*.useCachedMetrics"), None);
/// ```
pub fn kubernetes_default(api_version: &str, kind: &str, path: &str) -> Option<Value> {
    let line = lines().kinds.get(&(api_version, kind))?;
    let facts = parse(line);
    let mut schema = named(&facts["schema"]);
    for step in path.split('.') {
        let below = match step {
            "*" => &schema["items"],
            step => match &schema["properties"][step] {
                Value::Null => &schema["additionalProperties"],
                below => below,
            },
        };
        schema = named(below);
    }
    schema.get("default").cloned()
}

/// A schema, or the one that it names.
fn named(schema: &Value) -> Value {
    let line = schema.get("$ref").and_then(|name| lines().definitions.get(text(name)));
    line.map_or_else(|| schema.clone(), |line| parse(line)["schema"].take())
}

fn lines() -> &'static Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    LINES.get_or_init(|| {
        let mut lines = Lines { kinds: BTreeMap::new(), definitions: HashMap::new() };
        for line in sources::KUBERNETES.iter().flat_map(|lines| lines.lines()) {
            // The words of a line: `{"apiVersion":"apps/v1","kind":"Deployment",…` or `{"definition":"…",…`.
            let mut words = line.splitn(9, '"').skip(1).step_by(2);
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("apiVersion"), Some(api_version), Some("kind"), Some(kind)) => {
                    lines.kinds.insert((api_version, kind), line);
                }
                (Some("definition"), Some(name), ..) => drop(lines.definitions.insert(name, line)),
                _ => {}
            }
        }
        lines
    })
}

fn read(line: &'static str) -> KindFacts {
    let facts = parse(line);
    let mut definitions = Map::new();
    resolve(&facts["schema"], &mut definitions);
    let mut words = line.splitn(9, '"').skip(3).step_by(4);
    let listed = facts["immutable"].as_array().into_iter().flatten().map(|path| text(path).to_owned());
    KindFacts {
        api_version: words.next().unwrap_or_default(),
        kind: words.next().unwrap_or_default(),
        wave: wave::from_word(text(&facts["wave"])),
        namespaced: facts["namespaced"] == Value::Bool(true),
        immutable: listed.chain(immutable_by_rules(&facts["schema"])).collect(),
        shape: Shape::from_json(&facts["schema"], &Value::Object(definitions), Dialect::Kubernetes),
    }
}

/// The paths that rules of CEL hold fast once they are set, such as `self == oldSelf`: dotted, `*` for what lies in a
/// list. The schema is that of a custom resource definition, or what the facts keep of it.
///
/// Source: <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#transition-rules>.
pub fn immutable_by_rules(schema: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect_rules(schema, "", &mut paths);
    paths
}

fn collect_rules(schema: &Value, at: &str, paths: &mut Vec<String>) {
    let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        let rule = rule.as_str().or_else(|| rule["rule"].as_str()).unwrap_or_default();
        for part in rule.split("&&").map(|part| part.trim().trim_matches(['(', ')']).trim()) {
            let Some((one, other)) = part.split_once("==").map(|(one, other)| (one.trim(), other.trim())) else {
                continue;
            };
            let (new, old) = if one.starts_with("oldSelf") { (other, one) } else { (one, other) };
            match (new.strip_prefix("self"), old.strip_prefix("oldSelf")) {
                (Some(""), Some("")) => paths.push(at.to_owned()),
                (Some(new), Some(old)) if new == old && is_field_path(new) => paths.push(below(&new[1..])),
                _ => {}
            }
        }
    }
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        collect_rules(inner, &below(key), paths);
    }
    for word in ["items", "additionalProperties"] {
        if schema[word].is_object() {
            collect_rules(&schema[word], &below("*"), paths);
        }
    }
}

/// Whether it is `.a.b`, with no call and no index in it.
fn is_field_path(text: &str) -> bool {
    text.starts_with('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
}

/// Reads the definitions that a schema names, and those that they name.
fn resolve(schema: &Value, definitions: &mut Map<String, Value>) {
    match schema {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").map(text).filter(|name| !definitions.contains_key(*name)) {
                let line = lines().definitions.get(name).expect("a definition that is named is there, as a test says");
                let definition = parse(line)["schema"].take();
                // It is known before what it names is read: a definition may name itself.
                definitions.insert(name.to_owned(), definition.clone());
                resolve(&definition, definitions);
            }
            map.values().for_each(|inner| resolve(inner, definitions));
        }
        Value::Array(items) => items.iter().for_each(|inner| resolve(inner, definitions)),
        _ => {}
    }
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).expect("the facts are JSON, as a test says")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{known_kinds, kubernetes};
    use crate::val::{Bag, Data};

    #[test]
    fn all_facts_are_read() {
        assert!(known_kinds().count() > 70);
        for (api_version, kind) in known_kinds() {
            let facts = kubernetes(api_version, kind).unwrap();
            assert_eq!((facts.api_version, facts.kind), (api_version, kind));
        }
        assert!(kubernetes("apps/v1", "Deploymint").is_none());
    }

    #[test]
    fn a_kind_has_its_facts() {
        let deployment = kubernetes("apps/v1", "Deployment").unwrap();
        assert!(deployment.namespaced);
        assert_eq!(deployment.immutable, ["spec.selector"]);
        assert!(!kubernetes("v1", "Namespace").unwrap().namespaced);
        let rollout = kubernetes("argoproj.io/v1alpha1", "Rollout").unwrap();
        assert_eq!(rollout.immutable, ["spec.selector"], "a rule of CEL says so");
    }

    #[test]
    fn an_unknown_field_deep_inside_is_found() {
        let container = Bag::default().with("name", "orders").with("imagee", "orders:1");
        let pod = Bag::default().with("containers", vec![Data::Map(container)]);
        let template = Bag::default().with("spec", pod);
        let selector = Bag::default().with("matchLabels", Bag::default().with("app", "orders"));
        let spec = Bag::default().with("selector", selector).with("template", template);
        let problems = kubernetes("apps/v1", "Deployment").unwrap().shape.check_bag(&Bag::default().with("spec", spec));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].path, "spec.template.spec.containers[0].imagee");
    }

    #[test]
    fn the_limits_of_a_custom_resource_are_known() {
        let backend = Bag::default().with("name", "orders").with("port", 70_000);
        let rule = Bag::default().with("backendRefs", vec![Data::Map(backend)]);
        let spec = Bag::default().with("rules", vec![Data::Map(rule)]);
        let route = kubernetes("gateway.networking.k8s.io/v1", "HTTPRoute").unwrap();
        let problems = route.shape.check_bag(&Bag::default().with("spec", spec));
        assert_eq!(problems.first().map(|problem| problem.path.as_str()), Some("spec.rules[0].backendRefs[0].port"));
    }
}
