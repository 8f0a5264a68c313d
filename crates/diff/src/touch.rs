//! Relation between edits and schema properties.

use serde_json::Value;

use crate::change::Edit;

/// Whether an edit touches a property: at it, below it, or above it with values that contain the property.
pub fn touches(property: &str, path: &str, edit: &Edit) -> bool {
    let is_below = |longer: &str, shorter: &str| {
        longer.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if is_below(path, property) {
        return true;
    }
    if !is_below(property, path) {
        return false;
    }
    let rest = property[path.len()..].trim_start_matches('.');
    let holds = |value: &Option<Value>| value.as_ref().is_some_and(|value| has(value, rest));
    holds(&edit.before) || holds(&edit.after)
}

fn has(value: &Value, path: &str) -> bool {
    match (path.split_once('.').unwrap_or((path, "")), value) {
        (("", _), _) => true,
        (("*", rest), Value::Array(items)) => items.iter().any(|item| has(item, rest)),
        ((key, rest), Value::Object(map)) => map.get(key).is_some_and(|value| has(value, rest)),
        _ => false,
    }
}
