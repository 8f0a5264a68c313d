//! Reads documents from other sources. A value of an unexpected type counts as absent.

use serde_json::Value;

/// Returns the items of a list. A single value counts as a list of one item.
pub fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

/// Returns the items of a list as text. Numbers and Booleans keep their notation.
pub fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(text).collect()
}

/// Converts a value to text.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the text of a field; empty if it is missing.
pub fn field<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Returns a number, which may be written as text.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Returns a Boolean, which may be written as text.
pub fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}
