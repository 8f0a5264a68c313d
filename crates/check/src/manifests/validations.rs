//! Validation rules of schemas (`x-kubernetes-validations`): CEL conditions that the API server checks for objects.
//!
//! The rules come from custom resource definitions among the manifests, or from the facts. Rules about changes
//! (`oldSelf`) do not apply to files. Rules that cannot be evaluated, or that depend on an unknown value, are skipped.
//!
//! Source: <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>

use std::collections::{BTreeMap, HashMap, HashSet};

use meshsynth::diag::{Diagnostic, Place};
use meshsynth::val::Data;
use meshsynth::{Contents, constructs, facts};
use serde_json::Value;

use super::documents::Documents;
use super::mutations::{Mutation, policy};
use crate::expressions::{Evaluator, Expression, Scope, Tree, Variables};
use crate::yaml::{Marked, json};

/// The reserved words of CEL. Property names that are reserved words are enclosed in underscores.
const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Facts about a document before it becomes a manifest.
pub struct Object {
    api_version: Option<String>,
    /// Its kind.
    pub kind: Option<String>,
    /// The kinds that it defines, each by the `apiVersion` of its objects.
    pub definitions: Vec<(String, String)>,
    /// The mutation, if it is a mutating policy.
    pub mutation: Option<Mutation>,
}

/// A field that breaks a rule, and the message of the rule.
type Broken = (String, String);

/// The objects that break rules of their schemas.
#[derive(Default)]
pub struct Validations {
    rules: Rules,
    /// The broken rules of the facts by object.
    broken: HashMap<Place, Vec<Broken>>,
    /// The custom resource definitions by the `apiVersion` and kind of their objects. The last definition counts.
    definitions: HashMap<(String, String), Place>,
}

impl Object {
    /// Reads the facts about a document.
    pub fn of(document: &Marked) -> Self {
        let text = |key: &str| document.text(key).map(str::to_owned);
        let kind = text("kind");
        let definitions = match kind.as_deref() {
            Some("CustomResourceDefinition") => schemas(document).map(|(key, _)| key).collect(),
            _ => Vec::new(),
        };
        Self { api_version: text("apiVersion"), kind, definitions, mutation: policy(document) }
    }
}

impl Validations {
    /// Returns the rules of the facts that an object breaks.
    pub fn broken(&mut self, object: &Object, data: &Data) -> Vec<Broken> {
        let (Some(api_version), Some(kind)) = (&object.api_version, &object.kind) else { return Vec::new() };
        self.rules.broken((api_version, kind), data, || facts::kubernetes_rules(api_version, kind))
    }

    /// Adds the kinds that an object defines, and the rules of the facts that it breaks.
    pub fn take(&mut self, place: Place, definitions: Vec<(String, String)>, broken: Vec<Broken>) {
        self.definitions.extend(definitions.into_iter().map(|key| (key, place.clone())));
        if !broken.is_empty() {
            self.broken.insert(place, broken);
        }
    }

    /// Returns a diagnostic for each broken rule, at the object and with its field.
    pub fn judge(&mut self, clusters: &[Contents], documents: &Documents) -> Vec<Diagnostic> {
        let group = |api_version: &str| api_version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        let defined: HashSet<(String, String)> =
            self.definitions.keys().map(|(api_version, kind)| (group(api_version), kind.clone())).collect();
        let mut own = Rules::default();
        let mut found = Vec::new();
        for cluster in clusters {
            let mut paths = None;
            for (idx, manifest) in cluster.manifests.iter().enumerate() {
                let place = Place::from(manifest.at());
                let [group, kind, ..] = manifest.identity();
                let is_defined = !defined.is_empty() && defined.contains(&(group.to_owned(), kind.to_owned()));
                let by_definition = is_defined.then(|| self.by_definition(&place, documents, &mut own)).flatten();
                let broken = by_definition.or_else(|| self.broken.get(&place).cloned()).unwrap_or_default();
                for (field, why) in broken {
                    let path = &paths.get_or_insert_with(|| constructs(cluster))[idx];
                    let message = match field.is_empty() {
                        true => format!("{kind}: {why}"),
                        false => format!("`{field}` of {kind}: {why}"),
                    };
                    let diagnostic = Diagnostic::error("MS0106", message).at(manifest.at());
                    found.push(diagnostic.construct(path.as_str()).field(field));
                }
            }
        }
        found
    }

    /// Returns the rules of its definition that an object breaks, or `None` if no document defines its kind.
    fn by_definition(&self, place: &Place, documents: &Documents, rules: &mut Rules) -> Option<Vec<Broken>> {
        let text = |it: &Marked, key: &str| it.text(key).unwrap_or_default().to_owned();
        let read = |it: &Marked| ((text(it, "apiVersion"), text(it, "kind")), it.data());
        let (key, data) = documents.with(place, read)?;
        let definition = self.definitions.get(&key)?;
        let schema = |it: &Marked| schemas(it).filter(|(of, _)| *of == key).last().map(|(_, it)| json(&it.data()));
        Some(rules.broken((&key.0, &key.1), &data, || documents.with(definition, schema).flatten()))
    }
}

/// Returns the schemas of a definition, by the `apiVersion` and kind of their objects.
fn schemas(definition: &Marked) -> impl Iterator<Item = ((String, String), &Marked)> {
    let spec = definition.get("spec");
    let group = spec.and_then(|it| it.text("group")).unwrap_or_default();
    let kind = spec.and_then(|it| it.get("names")?.text("kind")).unwrap_or_default();
    let versions = spec.and_then(|it| it.get("versions")).map(Marked::items).unwrap_or_default();
    versions.iter().filter_map(move |version| {
        let schema = version.get("schema")?.get("openAPIV3Schema")?;
        let name = version.text("name").unwrap_or_default();
        Some(((format!("{group}/{name}"), kind.to_owned()), schema))
    })
}

/// The rules of all kinds, each compiled once.
#[derive(Default)]
struct Rules {
    evaluator: Evaluator,
    compiled: HashMap<String, Option<Expression>>,
    /// The schema parts that contain rules, by kind; `None` for a kind without rules.
    schemas: HashMap<(String, String), Option<Value>>,
}

impl Rules {
    /// Returns the rules that an object breaks. `schema` is called once for each kind.
    fn broken(
        &mut self,
        (api_version, kind): (&str, &str),
        data: &Data,
        schema: impl FnOnce() -> Option<Value>,
    ) -> Vec<Broken> {
        let key = (api_version.to_owned(), kind.to_owned());
        if !self.schemas.contains_key(&key) {
            let schema = schema().and_then(|mut schema| leads_to_rules(&mut schema).then_some(schema));
            self.schemas.insert(key.clone(), schema);
        }
        // The schema is temporarily removed, because compiling rules needs mutable access.
        let Some(schema) = self.schemas.get_mut(&key).and_then(Option::take) else { return Vec::new() };
        let mut found = Vec::new();
        self.walk(&schema, data, String::new(), &mut found);
        self.schemas.insert(key, Some(schema));
        found
    }

    fn walk(&mut self, schema: &Value, data: &Data, path: String, found: &mut Vec<(String, String)>) {
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            let text = rule.as_str().or_else(|| rule["rule"].as_str()).unwrap_or_default();
            if text.contains("oldSelf") || !is_known(data) || self.holds(text, schema, data) != Some(false) {
                continue;
            }
            let why = match rule["message"].as_str() {
                Some(message) => message.to_owned(),
                None => format!("it must satisfy `{}`", text.split_whitespace().collect::<Vec<_>>().join(" ")),
            };
            found.push((path.clone(), why));
        }
        match data {
            Data::Map(bag) => {
                for (key, value) in bag.iter() {
                    let of_key = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
                    if !of_key.is_null() {
                        let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                        self.walk(of_key, value, below, found);
                    }
                }
            }
            Data::List(items) if !schema["items"].is_null() => {
                for (idx, item) in items.iter().enumerate() {
                    self.walk(&schema["items"], item, format!("{path}[{idx}]"), found);
                }
            }
            _ => {}
        }
    }

    /// Whether a rule is met, or `None` if it cannot be evaluated.
    fn holds(&mut self, rule: &str, schema: &Value, data: &Data) -> Option<bool> {
        if !self.compiled.contains_key(rule) {
            let compiled = self.evaluator.compile(rule, &Scope::of(["self"]));
            self.compiled.insert(rule.to_owned(), compiled.ok());
        }
        let expression = self.compiled.get(rule)?.as_ref()?;
        let own = value(schema, data).to_val();
        self.evaluator.evaluate(expression, &Variables::default().with("self", own.as_ref())).as_bool()
    }
}

/// Whether a schema contains rules. Removes parts without rules. Everything below a rule is kept, because the rule may
/// read defaults there.
fn leads_to_rules(schema: &mut Value) -> bool {
    if schema["x-kubernetes-validations"].as_array().is_some_and(|rules| !rules.is_empty()) {
        return true;
    }
    let Some(words) = schema.as_object_mut() else { return false };
    let mut leads = false;
    if let Some(Value::Object(properties)) = words.get_mut("properties") {
        // A removed property stays as null, so that it is not treated as an additional property.
        for inner in properties.values_mut() {
            match leads_to_rules(inner) {
                true => leads = true,
                false => *inner = Value::Null,
            }
        }
    }
    for word in ["items", "additionalProperties"] {
        match words.get_mut(word).map(leads_to_rules) {
            Some(true) => leads = true,
            Some(false) => drop(words.remove(word)),
            None => {}
        }
    }
    leads
}

/// Whether all parts of a value are known.
fn is_known(data: &Data) -> bool {
    match data {
        Data::Deferred(_) | Data::Secret(_) => false,
        Data::List(items) => items.iter().all(is_known),
        Data::Map(bag) => bag.iter().all(|(_, value)| is_known(value)),
        _ => true,
    }
}

/// Converts a value for rules: with the defaults of its schema and with escaped property names.
fn value(schema: &Value, data: &Data) -> Tree {
    match data {
        Data::Bool(value) => Tree::Bool(*value),
        Data::Int(value) if schema["type"] == "number" => Tree::Float(*value as f64),
        Data::Int(value) => Tree::Int(*value),
        Data::Float(value) => Tree::Float(*value),
        Data::Text(text) => Tree::Text(text.to_string()),
        Data::List(items) => Tree::List(items.iter().map(|item| value(&schema["items"], item)).collect()),
        Data::Map(bag) => {
            let mut entries = BTreeMap::new();
            for (key, inner) in bag.iter().filter(|(_, inner)| **inner != Data::Null) {
                match schema["properties"].get(key) {
                    Some(of_key) => entries.insert(escaped(key), value(of_key, inner)),
                    None => entries.insert(key.to_owned(), value(&schema["additionalProperties"], inner)),
                };
            }
            for (key, of_key) in schema["properties"].as_object().into_iter().flatten() {
                if let Some(default) = of_key.get("default").filter(|_| bag.get(key).is_none_or(|it| *it == Data::Null))
                {
                    entries.insert(escaped(key), value(of_key, &data_of(default)));
                }
            }
            Tree::Map(entries)
        }
        Data::Null | Data::Deferred(_) | Data::Secret(_) => Tree::Null,
    }
}

/// Returns the escaped name of a property.
fn escaped(name: &str) -> String {
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    let signs = [("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")];
    signs.iter().fold(name.to_owned(), |name, (sign, word)| name.replace(sign, word))
}

fn data_of(json: &Value) -> Data {
    match json {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(*value),
        Value::Number(number) => number.as_i64().map_or(Data::Float(number.as_f64().unwrap_or_default()), Data::Int),
        Value::String(text) => Data::from(text.clone()),
        Value::Array(items) => Data::List(items.iter().map(data_of).collect()),
        Value::Object(map) => Data::Map(map.iter().map(|(key, value)| (key.clone(), data_of(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use meshsynth::{At, Manifest};

    use super::*;
    use crate::sources::Source;
    use crate::yaml;

    /// Returns the fields at which the last document breaks a rule.
    fn broken(text: &str) -> Vec<String> {
        let source = Source::new("a.yaml".to_owned(), text.as_bytes().to_vec());
        let (mut validations, mut documents) = (Validations::default(), Documents::default());
        let mut cluster = Contents { namespace: "shop".to_owned(), ..Contents::default() };
        for document in yaml::read(text).expect("the case is YAML") {
            let at = At::new("a.yaml", document.line, document.column);
            let (object, data) = (Object::of(&document), document.data());
            let broken = validations.broken(&object, &data);
            validations.take(at.into(), object.definitions, broken);
            cluster.manifests.push(Manifest::new(data, at).expect("it is one"));
        }
        documents.add(source);
        let found = validations.judge(&[cluster], &documents);
        found.into_iter().filter_map(|it| it.field).collect()
    }

    #[test]
    fn checks_rules_of_facts() {
        let entry = |resolution: &str| {
            broken(&format!(
                "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{ name: a }}\nspec:\n  hosts: [a.example.com]\n\
                 \x20 {resolution}\n  endpoints: [{{ address: 10.0.0.1 }}]\n  ports: [{{ name: tls, number: 443, protocol: TLS }}]\n"
            ))
        };
        assert_eq!(entry("resolution: NONE"), ["spec"]);
        assert_eq!(entry("resolution: STATIC"), [""; 0]);
    }

    #[test]
    fn checks_rules_of_definition_among_manifests() {
        let widget = |spec: &str| {
            broken(&format!(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: widgets.acme.example }}\n\
                 spec:\n  group: acme.example\n  names: {{ kind: Widget }}\n  versions:\n  - name: v1\n    schema:\n\
                 \x20     openAPIV3Schema:\n        properties:\n          spec:\n            x-kubernetes-validations:\n\
                 \x20           - {{ rule: 'self.min <= self.max', message: the smallest is above the largest }}\n\
                 \x20           - {{ rule: 'self.max == oldSelf.max' }}\n            - {{ rule: 'self.__namespace__ != \"x\"' }}\n\
                 \x20           properties: {{ min: {{ type: integer, default: 2 }}, max: {{ type: integer }}, namespace: {{ type: string }} }}\n\
                 ---\napiVersion: acme.example/v1\nkind: Widget\nmetadata: {{ name: a }}\nspec: {spec}\n"
            ))
        };
        assert_eq!(widget("{ min: 1, max: 2, namespace: y }"), [""; 0]);
        assert_eq!(widget("{ max: 1, namespace: y }"), ["spec"]);
        assert_eq!(widget("{ min: 1, max: 2, namespace: x }"), ["spec"]);
        assert_eq!(widget("{ min: 1 }"), [""; 0]);
    }

    #[test]
    fn all_rules_of_facts_compile() {
        fn collect(schema: &Value, all: &mut Vec<String>) {
            let rules = schema["x-kubernetes-validations"].as_array().into_iter().flatten();
            all.extend(rules.filter_map(Value::as_str).map(str::to_owned));
            match schema {
                Value::Object(map) => map.values().for_each(|inner| collect(inner, all)),
                Value::Array(items) => items.iter().for_each(|inner| collect(inner, all)),
                _ => {}
            }
        }
        let mut all = Vec::new();
        for (api_version, kind) in facts::known_kinds() {
            if let Some(schema) = facts::kubernetes_rules(api_version, kind) {
                collect(&schema, &mut all);
            }
        }
        all.sort();
        all.dedup();
        let rules = Rules::default();
        let n_compiled =
            all.iter().filter(|rule| rules.evaluator.compile(rule, &Scope::of(["self", "oldSelf"])).is_ok()).count();
        assert_eq!((n_compiled, all.len()), (194, 194));
    }
}
