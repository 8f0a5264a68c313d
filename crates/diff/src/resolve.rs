//! Resolution of a template with the defaults of its parameters, as in CloudFormation.
//!
//! Parameters, mappings and conditions affect properties, resources and outputs, so their changes are evaluated there.
//! Values that are known only at deployment remain unresolved.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.

mod condition;
mod functions;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use meshsynth_assembly::Stack;
use serde_json::{Map, Value, json};

/// Returns the resolved template, or `None` if it has no parameters, mappings or conditions.
pub fn template(raw: &Value, stack: &Stack) -> Option<Value> {
    if ["Parameters", "Mappings", "Conditions"].iter().all(|section| raw[section].is_null()) {
        return None;
    }
    let scope = Scope { raw, stack };
    let mut resolved = raw.as_object()?.clone();
    for section in ["Resources", "Outputs"] {
        let Some(Value::Object(entries)) = raw.get(section) else { continue };
        let entries = entries.iter().filter_map(|(id, entry)| Some((id.clone(), scope.entry(entry)?)));
        resolved.insert(section.to_owned(), Value::Object(entries.collect()));
    }
    Some(Value::Object(resolved))
}

/// Hides the defaults of `NoEcho` parameters in a template section. A report shows only that they differ.
pub fn without_secrets(name: &str, section: &Value) -> Value {
    let mut section = section.clone();
    if name == "Parameters" {
        for parameter in section.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if is_secret(parameter) && !parameter["Default"].is_null() {
                parameter["Default"] = hidden(&parameter["Default"]).into();
            }
        }
    }
    section
}

fn is_secret(parameter: &Value) -> bool {
    parameter["NoEcho"] == true || parameter["NoEcho"] == "true"
}

fn hidden(value: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    format!("(hidden, {:08x})", hasher.finish() as u32)
}

/// A template and its stack.
#[derive(Clone, Copy)]
struct Scope<'a> {
    raw: &'a Value,
    stack: &'a Stack,
}

impl Scope<'_> {
    /// Returns a resource or an output, or `None` if its condition is false.
    fn entry(self, entry: &Value) -> Option<Value> {
        let mut resolved = self.value(entry)?;
        if let Some(name) = entry["Condition"].as_str() {
            match self.condition(name) {
                Some(false) => return None,
                Some(true) => drop(resolved.as_object_mut().and_then(|entry| entry.remove("Condition"))),
                None => {}
            }
        }
        Some(resolved)
    }

    /// Resolves a value as far as it is known. Returns `None` for `AWS::NoValue`.
    fn value(self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item)).collect()),
            Value::Object(map) => match map.iter().next().filter(|(key, _)| map.len() == 1 && is_function(key)) {
                Some((key, inner)) => self.function(key, inner),
                None => {
                    let known = map.iter().filter_map(|(key, value)| Some((key.clone(), self.value(value)?)));
                    Some(Value::Object(known.collect()))
                }
            },
            other => Some(other.clone()),
        }
    }

    /// Returns the default of a parameter, or `None` if it has none.
    fn parameter(self, name: &str) -> Option<Value> {
        let parameter = self.raw["Parameters"].get(name)?;
        let default = parameter.get("Default")?;
        let kind = parameter["Type"].as_str().unwrap_or_default();
        if is_secret(parameter) {
            return Some(hidden(default).into());
        }
        let text = match default {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if kind.starts_with("AWS::SSM::Parameter::") {
            // The default is a parameter name, whose value is looked up at deployment.
            return Some(format!("{{{{resolve:ssm:{text}}}}}").into());
        }
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            return Some(text.split(',').map(|item| Value::from(item.trim())).collect());
        }
        Some(text.into())
    }

    /// Resolves a name in `Ref` or `Fn::Sub` to the default of the parameter.
    fn reference(self, name: &str) -> Option<Value> {
        match name {
            "AWS::NoValue" => None,
            name => Some(self.parameter(name).unwrap_or_else(|| json!({ "Ref": name }))),
        }
    }
}

fn is_function(key: &str) -> bool {
    key == "Ref" || key == "Condition" || key.starts_with("Fn::")
}

/// Returns a scalar as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
