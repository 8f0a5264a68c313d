//! Reading documents that somebody else wrote: what has another shape than expected counts as absent.

use serde_json::Value;

/// A list, whether it is written as one or as its only item.
pub fn items(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

/// The texts of a list; numbers and booleans as they are written.
pub fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(text).collect()
}

/// A value as text.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text of a field, empty where there is none.
pub fn field<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// A number, also where it is written as text.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whether a boolean is set, also where it is written as text.
pub fn flag(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}
