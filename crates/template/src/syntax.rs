//! The syntax of functions, dynamic references and scalars.

use serde_json::{Map, Value};

/// The beginning of a dynamic reference.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
pub(crate) const DYNAMIC: &str = "{{resolve:";

/// Returns the function of a map that consists of one function.
pub(crate) fn function(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (key == "Ref" || key.starts_with("Fn::")).then_some((key.as_str(), argument))
}

/// Returns a scalar as text. CloudFormation compares all scalars as text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
