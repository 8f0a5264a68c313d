//! Facts about Kubernetes kinds.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::json::Json;
use super::shape::{Dialect, Shape};
use super::versions::served;
use meshsynth_model::hash::FastMap;
use meshsynth_model::node::Wave;

mod experimental;
mod scope;
mod shape;
mod sources;
mod wave;

pub use experimental::is_experimental;
pub use scope::{group_of, is_of_cluster, is_of_kubernetes};
pub use shape::kubernetes_shape;
pub use wave::wave;

/// The facts about one kind.
#[derive(Debug)]
pub struct KindFacts {
    /// The `apiVersion`.
    pub api_version: &'static str,
    /// The `kind`.
    pub kind: &'static str,
    /// The wave in which its objects are applied.
    pub wave: Wave,
    /// Whether its objects belong to a namespace.
    pub namespaced: bool,
    /// Paths whose values the API server does not allow to change. A path that begins with `!` is an exception: its
    /// fields may change.
    pub immutable: Vec<String>,
    /// The compiled schema of all fields except `apiVersion` and `kind`.
    pub shape: Shape,
}

/// The lines of the facts, by the kind or the definition that they describe.
struct Lines {
    kinds: BTreeMap<(&'static str, &'static str), &'static Line>,
    /// The first version of each kind, by group.
    versions: FastMap<(&'static str, &'static str), &'static str>,
    definitions: FastMap<&'static str, &'static str>,
}

/// The JSON line of a Kubernetes kind. Its facts are parsed at the first query.
struct Line {
    text: &'static str,
    facts: OnceLock<KindFacts>,
}

/// Returns the facts about a kind, or `None` if the kind is unknown.
pub fn kubernetes(api_version: &str, kind: &str) -> Option<&'static KindFacts> {
    let line: &'static Line = lines().kinds.get(&(api_version, kind)).copied()?;
    Some(line.facts.get_or_init(|| read(line.text)))
}

/// Returns the facts about a kind in another version of its group, for facts that do not depend on the version.
pub fn other_version(api_version: &str, kind: &str) -> Option<&'static KindFacts> {
    let version = lines().versions.get(&(group(api_version), kind))?;
    kubernetes(version, kind)
}

/// Returns whether the objects of a kind belong to a namespace, or `None` if no version of the kind is known.
fn is_namespaced(group: &str, kind: &str) -> Option<bool> {
    let lines = lines();
    let version = lines.versions.get(&(group, kind))?;
    kubernetes(version, kind).map(|facts| facts.namespaced)
}

/// Returns the group of an `apiVersion`. For `v1`, the group is empty.
fn group(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// Returns the known kinds as `apiVersion` and `kind`, sorted.
pub fn known_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines().kinds.keys().copied()
}

/// Returns the default value of an object field, according to the schema of the kind.
///
/// The path is dotted; `*` represents the items of a list. The schemas of Kubernetes' built-in kinds contain no
/// defaults.
///
/// ```
/// use meshsynth_facts::kubernetes_default;
///
/// let default = |path| kubernetes_default("keda.sh/v1alpha1", "ScaledObject", path);
/// assert_eq!(default("spec.triggers.*.useCachedMetrics"), None);
/// ```
pub fn kubernetes_default(api_version: &str, kind: &str, path: &str) -> Option<Value> {
    let api_version = served::schema(api_version, kind);
    let line = lines().kinds.get(&(&*api_version, kind))?;
    let facts = parse(line.text);
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

/// Returns the schema of a kind that has CEL rules (`x-kubernetes-validations`), or `None` if it has none. In the
/// result, each rule is represented by its text. If Istio or the Gateway API serves the kind under an older version,
/// the schema of the library's version is returned.
///
/// ```
/// use meshsynth_facts::kubernetes_rules;
///
/// assert!(kubernetes_rules("networking.istio.io/v1beta1", "ServiceEntry").is_some());
/// assert!(kubernetes_rules("v1", "Service").is_none());
/// ```
pub fn kubernetes_rules(api_version: &str, kind: &str) -> Option<Value> {
    let line = lines().kinds.get(&(&*served::schema(api_version, kind), kind))?.text;
    line.contains("x-kubernetes-validations").then(|| parse(line)["schema"].take())
}

/// Resolves the `$ref` of a schema, if it has one.
fn named(schema: &Value) -> Value {
    let line = schema.get("$ref").and_then(|name| lines().definitions.get(text(name)));
    line.map_or_else(|| schema.clone(), |line| parse(line)["schema"].take())
}

fn lines() -> &'static Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    LINES.get_or_init(|| {
        let mut lines = Lines { kinds: BTreeMap::new(), versions: FastMap::default(), definitions: FastMap::default() };
        for line in sources::KUBERNETES.iter().flat_map(|lines| lines.lines()) {
            // The first words of a line: `{"apiVersion":"apps/v1","kind":"Deployment",…` or `{"definition":"…",…`.
            let mut words = line.splitn(9, '"').skip(1).step_by(2);
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("apiVersion"), Some(api_version), Some("kind"), Some(kind)) => {
                    // The line is never freed.
                    let line = Box::leak(Box::new(Line { text: line, facts: OnceLock::new() }));
                    lines.kinds.insert((api_version, kind), line);
                }
                (Some("definition"), Some(name), ..) => drop(lines.definitions.insert(name, line)),
                _ => {}
            }
        }
        for &(api_version, kind) in lines.kinds.keys() {
            lines.versions.entry((group(api_version), kind)).or_insert(api_version);
        }
        lines
    })
}

fn read(line: &'static str) -> KindFacts {
    let facts = Json::parse(line);
    let schema = facts.at("schema");
    let definitions = definitions(schema);
    let mut words = line.splitn(9, '"').skip(3).step_by(4);
    let mut immutable: Vec<String> =
        facts.at("immutable").items().iter().map(|path| path.as_str().unwrap_or_default().to_owned()).collect();
    if line.contains("x-kubernetes-validations") {
        immutable.extend(immutable_by_rules(&schema.to_value()));
    }
    KindFacts {
        api_version: words.next().unwrap_or_default(),
        kind: words.next().unwrap_or_default(),
        wave: wave::from_word(facts.at("wave").as_str().unwrap_or_default()),
        namespaced: facts.at("namespaced").is_true(),
        immutable,
        shape: Shape::of(schema, &definitions, Dialect::Kubernetes),
    }
}

/// Returns the paths that CEL rules, such as `self == oldSelf`, make immutable. Paths are dotted; `*` represents the
/// items of a list. The schema comes from a custom resource definition or from the facts.
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

/// Whether the text has the form `.a.b`, without function calls or indices.
fn is_field_path(text: &str) -> bool {
    text.starts_with('.') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
}

/// Returns the definitions that a schema references, directly or indirectly.
fn definitions(schema: &Json<'static>) -> Json<'static> {
    let mut names: Vec<&'static str> = Vec::new();
    name_definitions(schema, &mut names);
    let mut found = Vec::new();
    while let Some(name) = names.get(found.len()).copied() {
        let line = lines().definitions.get(name).expect("a test verifies that referenced definitions exist");
        let Json::Map(mut facts) = Json::parse(line) else { unreachable!("each line of the facts is a JSON object") };
        let at = facts.iter().position(|(key, _)| key == "schema");
        let definition = at.map_or(Json::Null, |at| facts.swap_remove(at).1);
        name_definitions(&definition, &mut names);
        found.push((name.into(), definition));
    }
    Json::Map(found)
}

/// Adds the definitions that a schema references, each once.
fn name_definitions(schema: &Json<'static>, names: &mut Vec<&'static str>) {
    for (key, inner) in schema.entries() {
        match inner {
            Json::Text(name) if key == "$ref" => {
                let known = lines().definitions.get_key_value(name.as_ref());
                let (name, _) = known.expect("a test verifies that referenced definitions exist");
                if !names.contains(name) {
                    names.push(name);
                }
            }
            inner => name_definitions(inner, names),
        }
    }
    schema.items().iter().for_each(|inner| name_definitions(inner, names));
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).expect("a test verifies that the facts are valid JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{known_kinds, kubernetes};
    use meshsynth_model::val::{Bag, Data};

    #[test]
    fn reads_all_facts() {
        assert!(known_kinds().count() > 70);
        for (api_version, kind) in known_kinds() {
            let facts = kubernetes(api_version, kind).unwrap();
            assert_eq!((facts.api_version, facts.kind), (api_version, kind));
        }
        assert!(kubernetes("apps/v1", "Deploymint").is_none());
        for line in super::sources::KUBERNETES.iter().flat_map(|lines| lines.lines()) {
            assert_eq!(super::Json::parse(line).to_value(), super::parse(line));
        }
    }

    #[test]
    fn finds_facts_of_a_kind() {
        let deployment = kubernetes("apps/v1", "Deployment").unwrap();
        assert!(deployment.namespaced);
        assert_eq!(deployment.immutable, ["spec.selector"]);
        assert!(!kubernetes("v1", "Namespace").unwrap().namespaced);
        let rollout = kubernetes("argoproj.io/v1alpha1", "Rollout").unwrap();
        assert_eq!(rollout.immutable, ["spec.selector"], "a rule of CEL says so");
    }

    #[test]
    fn reports_unknown_nested_field() {
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
    fn enforces_limits_of_custom_resources() {
        let backend = Bag::default().with("name", "orders").with("port", 70_000);
        let rule = Bag::default().with("backendRefs", vec![Data::Map(backend)]);
        let spec = Bag::default().with("rules", vec![Data::Map(rule)]);
        let route = kubernetes("gateway.networking.k8s.io/v1", "HTTPRoute").unwrap();
        let problems = route.shape.check_bag(&Bag::default().with("spec", spec));
        assert_eq!(problems.first().map(|problem| problem.path.as_str()), Some("spec.rules[0].backendRefs[0].port"));
    }
}
