//! Classifies schemas by the kind of their type.

use serde_json::{Value, json};

use super::facts::{is_required, properties};

/// The type information of a schema.
pub enum Shape<'a> {
    Text,
    Bool,
    Int,
    Float,
    IntOrString,
    Free,
    Choices(Vec<&'a str>),
    List(&'a Value),
    Map(&'a Value),
    Reference(&'a str),
    Object,
}

static ANYTHING: Value = Value::Null;

/// Returns the shape of a schema.
pub fn shape(schema: &Value) -> Shape<'_> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return Shape::Reference(reference);
    }
    if schema.get("x-kubernetes-int-or-string").is_some() {
        return if schema["format"] == "quantity" { Shape::Text } else { Shape::IntOrString };
    }
    if properties(schema).next().is_some() {
        return Shape::Object;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => {
            let values: Vec<&str> =
                schema.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
            if values.is_empty() { Shape::Text } else { Shape::Choices(values) }
        }
        Some("boolean") => Shape::Bool,
        Some("integer") => Shape::Int,
        Some("number") => Shape::Float,
        Some("array") => Shape::List(schema.get("items").unwrap_or(&ANYTHING)),
        Some("object") => match schema.get("additionalProperties") {
            Some(inner @ Value::Object(_)) => Shape::Map(inner),
            _ => Shape::Free,
        },
        _ => Shape::Free,
    }
}

/// Returns a canonical text, which is equal for records of the same type.
pub fn canon(schema: &Value) -> String {
    fn bare(schema: &Value) -> Value {
        match shape(schema) {
            Shape::Object => properties(schema)
                .map(|(key, inner)| (key.clone(), json!([is_required(schema, key), bare(inner)])))
                .collect(),
            Shape::List(inner) => json!(["list", bare(inner)]),
            Shape::Map(inner) => json!(["map", bare(inner)]),
            Shape::Choices(values) => json!(values),
            Shape::Reference(reference) => json!(reference),
            Shape::Text => json!("text"),
            Shape::Bool => json!("bool"),
            Shape::Int => json!("int"),
            Shape::Float => json!("float"),
            Shape::IntOrString => json!("int or string"),
            Shape::Free => json!("free"),
        }
    }
    bare(schema).to_string()
}
