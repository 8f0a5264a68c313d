//! CloudFormation: reduces the resource schemas of cfn-lint to facts.
//!
//! `providers/<region>.json` maps a type to a file under `resources/`. The facts
//! are written to `crates/facts/schema/cloudformation/<service>.jsonl`, one line for each type.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::{Map, Value, json};

use crate::codegen::Out;

/// The regions in order of precedence, for types that are in several regions.
const REGIONS: [&str; 2] = ["us-east-1", "ap-northeast-1"];

/// The JSON schema keywords that describe a value.
const KEPT: [&str; 22] = [
    "type",
    "format",
    "pattern",
    "enum",
    "enumCaseInsensitive",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
    "requiredXor",
    "requiredOr",
    "dependentRequired",
    "dependentExcluded",
    "multipleOf",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "$ref",
];

/// The lists of property paths, with the vendor's name and our name.
const PATHS: [(&str, &str); 6] = [
    ("createOnlyProperties", "createOnly"),
    ("conditionalCreateOnlyProperties", "conditionalCreateOnly"),
    ("readOnlyProperties", "readOnly"),
    ("writeOnlyProperties", "writeOnly"),
    ("deprecatedProperties", "deprecated"),
    ("primaryIdentifier", "primaryIdentifier"),
];

/// Reduces the schemas in `from`.
pub fn run(root: &Path, from: &Path) -> Result<()> {
    let extra = Extra::read(&root.join("crates/facts/schema/cloudformation-extra.json"))?;
    let mut services: BTreeMap<String, String> = BTreeMap::new();
    let types = types(from)?;
    extra.check(&types)?;
    for (name, file) in types {
        let schema = read(&from.join("resources").join(format!("{file}.json")))?;
        let line = line(&name, &schema, &extra).with_context(|| name.clone())?;
        let lines = services.entry(service(&name)).or_default();
        lines.push_str(&line);
        lines.push('\n');
    }
    let mut out = Out::default();
    for (service, lines) in services {
        out.file(format!("crates/facts/schema/cloudformation/{service}.jsonl"), lines);
    }
    out.owns("crates/facts/schema/cloudformation", "");
    out.write(root)
}

/// Returns the folder and file name of a type's service: `ec2` for `AWS::EC2::Subnet`.
pub fn service(type_name: &str) -> String {
    let (vendor, rest) = type_name.split_once("::").unwrap_or(("AWS", type_name));
    let service = rest.split("::").next().unwrap_or(rest).to_lowercase();
    match vendor {
        "AWS" => service,
        vendor => format!("{}_{service}", vendor.to_lowercase()),
    }
}

/// Returns the file of each type in all regions.
fn types(from: &Path) -> Result<BTreeMap<String, String>> {
    let mut types = BTreeMap::new();
    for region in REGIONS {
        let provider = read(&from.join(format!("providers/{region}.json")))?;
        for (name, file) in provider.as_object().context("a provider is not a map")? {
            let file = file.as_str().context("a provider's file is not text")?;
            types.entry(name.clone()).or_insert_with(|| file.to_owned());
        }
    }
    Ok(types)
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not valid JSON", path.display()))
}

/// Facts that the schemas lack, maintained by hand with their sources.
struct Extra {
    stateful: BTreeSet<String>,
    reference: BTreeMap<String, String>,
}

impl Extra {
    fn read(path: &Path) -> Result<Self> {
        let extra = read(path)?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("expected text");
        let stateful = extra["stateful"].as_array().context("`stateful` is not a list")?;
        let reference = extra["ref"].as_object().context("`ref` is not a map")?;
        Ok(Self {
            stateful: stateful.iter().map(text).collect::<Result<_>>()?,
            reference: reference.iter().map(|(name, prop)| Ok((name.clone(), text(prop)?))).collect::<Result<_>>()?,
        })
    }

    /// Checks that every type in the hand-written facts exists.
    fn check(&self, types: &BTreeMap<String, String>) -> Result<()> {
        match self.stateful.iter().chain(self.reference.keys()).find(|name| !types.contains_key(*name)) {
            Some(name) => Err(anyhow!("`{name}` in cloudformation-extra.json is not a type")),
            None => Ok(()),
        }
    }
}

/// Renders one type as a line. `name` is first, so that a line can be found without parsing.
fn line(name: &str, schema: &Value, extra: &Extra) -> Result<String> {
    let schema = schema.as_object().context("a schema is not a map")?;
    let mut facts = Map::new();
    for (theirs, ours) in PATHS {
        let mut paths: Vec<String> = list(schema.get(theirs)).filter_map(Value::as_str).map(path).collect();
        if ours != "primaryIdentifier" {
            paths.sort();
        }
        paths.dedup();
        if !paths.is_empty() {
            facts.insert(ours.to_owned(), json!(paths));
        }
    }
    let identifier = facts.get("primaryIdentifier").and_then(Value::as_array);
    let single = identifier.filter(|paths| paths.len() == 1).and_then(|paths| paths[0].as_str()).map(str::to_owned);
    if let Some(reference) = extra.reference.get(name).cloned().or(single) {
        facts.insert("ref".to_owned(), json!(reference));
    }
    if extra.stateful.contains(name) {
        facts.insert("stateful".to_owned(), json!(true));
    }
    let mut body = reduce(schema);
    body.remove("definitions");
    let definitions = definitions(schema, &body);
    if let Some(tags) = tags(schema) {
        facts.insert("tags".to_owned(), tags);
    }
    facts.insert("schema".to_owned(), Value::Object(body));
    if !definitions.is_empty() {
        facts.insert("definitions".to_owned(), Value::Object(definitions));
    }
    let rest = serde_json::to_string(&Value::Object(facts))?;
    Ok(format!("{{\"name\":{},{}", json!(name), &rest[1..]))
}

/// Returns the property with a resource's tags: a list of `Key` and `Value`, or a map.
fn tags(schema: &Map<String, Value>) -> Option<Value> {
    let tagging = schema.get("tagging")?;
    let name = tagging["tagProperty"].as_str()?.strip_prefix("/properties/").filter(|name| !name.contains('/'))?;
    if tagging["taggable"] != true {
        return None;
    }
    let target = |value: &Value| match value["$ref"].as_str().and_then(|text| text.strip_prefix("#/definitions/")) {
        Some(name) => schema.get("definitions").map(|all| all[name].clone()).unwrap_or_default(),
        None => value.clone(),
    };
    let property = target(&schema.get("properties")?[name]);
    let item = target(&property["items"]);
    let is_list = item["properties"]["Key"].is_object() && item["properties"]["Value"].is_object();
    match property["type"].as_str() {
        Some("array") if is_list => Some(json!({ "property": name, "shape": "list" })),
        Some("object") if property["properties"].is_null() => Some(json!({ "property": name, "shape": "map" })),
        _ => None,
    }
}

/// Converts `/properties/A/B` to `A.B`, and a path in a list to `A.*.B`.
fn path(pointer: &str) -> String {
    let parts = pointer.trim_start_matches('/').split('/').filter(|part| !matches!(*part, "properties" | "items"));
    parts.collect::<Vec<_>>().join(".")
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// Returns the definitions that are reachable from `body`.
fn definitions(schema: &Map<String, Value>, body: &Map<String, Value>) -> Map<String, Value> {
    let all = schema.get("definitions").and_then(Value::as_object);
    let mut found = Map::new();
    let mut open = vec![Value::Object(body.clone())];
    while let Some(value) = open.pop() {
        refs(&value, &mut |name| {
            let Some(definition) = all.and_then(|all| all.get(name)).and_then(Value::as_object) else { return };
            if !found.contains_key(name) {
                let definition = Value::Object(reduce(definition));
                open.push(definition.clone());
                found.insert(name.to_owned(), definition);
            }
        });
    }
    found
}

/// Calls `found` with the name of every definition that `value` refers to.
fn refs(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().and_then(|text| text.strip_prefix("#/definitions/")) {
                    Some(name) if key == "$ref" => found(name),
                    _ => refs(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| refs(item, found)),
        _ => {}
    }
}

/// Removes descriptions and keywords for tools from a schema.
fn reduce(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut reduced = Map::new();
    for (key, value) in schema {
        let value = match key.as_str() {
            key if KEPT.contains(&key) => value.clone(),
            "uniqueItems" if value == &json!(true) => value.clone(),
            // Keep `insertionOrder` only if it is false, because the default is true.
            "insertionOrder" if value == &json!(false) => value.clone(),
            "const" => json!([value]),
            "properties" | "patternProperties" => map(value),
            "items" | "not" => sub(value),
            "additionalProperties" if value == &json!(true) => continue,
            "additionalProperties" => sub(value),
            "oneOf" | "anyOf" | "allOf" => match branches(value) {
                Some(branches) => branches,
                None => continue,
            },
            "dependencies" if lists(value) => value.clone(),
            _ => continue,
        };
        let key = match key.as_str() {
            "const" => "enum",
            "dependencies" => "dependentRequired",
            key => key,
        };
        reduced.insert(key.to_owned(), value);
    }
    sort(&mut reduced);
    reduced
}

/// Whether every value is a list of names.
fn lists(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.values().all(Value::is_array))
}

fn map(value: &Value) -> Value {
    let entries = value.as_object().into_iter().flatten();
    Value::Object(entries.map(|(key, value)| (key.clone(), sub(value))).collect())
}

fn sub(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(reduce(map)),
        other => other.clone(),
    }
}

/// Returns the unconditional branches of a choice, or `None` if no branch has information.
fn branches(value: &Value) -> Option<Value> {
    let branches: Vec<Value> = list(Some(value)).filter(|branch| branch.get("if").is_none()).map(sub).collect();
    let says = |branch: &Value| branch.as_object().is_some_and(|map| !map.is_empty());
    match branches.iter().any(says) {
        true => Some(Value::Array(branches)),
        false => None,
    }
}

/// Sorts unordered lists, so that a refresh changes only different facts.
fn sort(schema: &mut Map<String, Value>) {
    for key in ["required", "enum", "enumCaseInsensitive"] {
        if let Some(Value::Array(items)) = schema.get_mut(key) {
            items.sort_by_key(Value::to_string);
            items.dedup();
        }
    }
}
