//! Reduces schemas to facts, without descriptions.

use serde_json::{Map, Value, json};

/// The keywords that are facts.
const FACTS: [&str; 30] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
];

/// The beginning of the pattern for quantities.
const QUANTITY: &str = "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))";

/// Returns a schema with only its facts and sorted keys.
pub fn reduce(schema: &Value) -> Value {
    let Value::Object(schema) = schema else { return schema.clone() };
    let mut facts = Map::new();
    for fact in FACTS {
        let Some(value) = schema.get(fact) else { continue };
        let value = match fact {
            "properties" => properties(value),
            "items" | "additionalProperties" | "not" => reduce(value),
            "allOf" | "anyOf" | "oneOf" => Value::Array(value.as_array().into_iter().flatten().map(reduce).collect()),
            "required" => required(schema, value),
            _ => value.clone(),
        };
        if fact != "required" || value.as_array().is_some_and(|keys| !keys.is_empty()) {
            facts.insert(fact.to_owned(), value);
        }
    }
    if schema.get("x-kubernetes-int-or-string").is_some() {
        facts.remove("anyOf");
        let pattern = schema.get("pattern").and_then(Value::as_str).unwrap_or_default();
        if pattern.starts_with(QUANTITY) {
            facts.remove("pattern");
            facts.insert("format".to_owned(), json!("quantity"));
        }
    }
    if let Some(Value::Array(rules)) = schema.get("x-kubernetes-validations") {
        let rules: Vec<&Value> = rules.iter().filter_map(|rule| rule.get("rule")).collect();
        facts.insert("x-kubernetes-validations".to_owned(), json!(rules));
    }
    Value::Object(facts)
}

/// Returns the required properties except those with a default, which the server sets before validation.
fn required(schema: &Map<String, Value>, required: &Value) -> Value {
    let default = |key: &str| schema.get("properties").and_then(|all| all.get(key)?.get("default"));
    let keys = required.as_array().into_iter().flatten().filter_map(Value::as_str);
    keys.filter(|key| default(key).is_none()).collect()
}

fn properties(properties: &Value) -> Value {
    let mut sorted: Vec<_> = properties.as_object().into_iter().flatten().collect();
    sorted.sort_by_key(|(key, _)| *key);
    Value::Object(sorted.into_iter().map(|(key, schema)| (key.clone(), reduce(schema))).collect())
}

/// Returns the schema of a kind without fields that the server writes, and with the standard `metadata`.
pub fn kind(schema: &Value) -> Value {
    let mut facts = reduce(schema);
    let Some(properties) = facts.get_mut("properties").and_then(Value::as_object_mut) else { return facts };
    for key in ["apiVersion", "kind", "status"] {
        properties.remove(key);
    }
    properties.insert("metadata".to_owned(), json!({ "$ref": "meta.ObjectMeta" }));
    if let Some(Value::Array(required)) = facts.get_mut("required") {
        required.retain(|key| !matches!(key.as_str(), Some("apiVersion" | "kind" | "metadata" | "status")));
    }
    if facts["required"].as_array().is_some_and(Vec::is_empty) {
        facts.as_object_mut().map(|facts| facts.remove("required"));
    }
    facts
}

/// Returns the names of all definitions that a schema refers to.
pub fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(map) => {
            let mut names: Vec<String> = map.values().flat_map(references).collect();
            names.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            names
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
