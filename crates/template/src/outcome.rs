//! The result of an evaluation: known, unknown with a reason, or absent.

use std::fmt;

use serde_json::Value;

use crate::syntax::{DYNAMIC, function};

/// An evaluated value.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The value.
    Known(Value),
    /// Only a deployment determines the value or a part of it.
    Unknown(Unknown),
    /// `AWS::NoValue` removes the property.
    Absent,
}

/// The reason why a value is unknown, and the place of the unknown part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The reason.
    pub reason: Reason,
    /// The path within the value, such as `Tags.0.Value`. Empty for the whole value.
    pub location: String,
}

/// The reason why a value is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A parameter without a value, a pseudo parameter, or the physical ID of a resource.
    Reference(String),
    /// An attribute of a resource.
    Attribute(String),
    /// A condition that the template does not determine.
    Condition(String),
    /// A dynamic reference such as `{{resolve:ssm:name}}`.
    Dynamic(String),
    /// A function that is evaluated at deployment, such as `Fn::Transform`, or whose arguments are invalid.
    Function(String),
    /// The result differs between the values of parameters.
    Parameters(Vec<String>),
    /// Parameters have too many combinations of values.
    TooManyCombinations,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Reference(name) => write!(out, "the value of `{name}` is known only at deployment"),
            Reason::Attribute(path) => write!(out, "the attribute `{path}` is known only at deployment"),
            Reason::Condition(name) => write!(out, "the condition `{name}` is known only at deployment"),
            Reason::Dynamic(text) => write!(out, "the dynamic reference `{text}` is resolved at deployment"),
            Reason::Function(name) => write!(out, "`{name}` is evaluated at deployment"),
            Reason::Parameters(names) => write!(out, "the value depends on `{}`", names.join("`, `")),
            Reason::TooManyCombinations => out.write_str("the parameters have too many combinations of values"),
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location.as_str() {
            "" => self.reason.fmt(out),
            location => write!(out, "`{location}`: {}", self.reason),
        }
    }
}

/// Returns the first unknown part of an evaluated value in which unknown functions remain.
pub fn first_unknown(value: &Value, location: &str) -> Option<Unknown> {
    let inner = |key: &str| if location.is_empty() { key.to_owned() } else { format!("{location}.{key}") };
    let unknown = |reason: Reason| Some(Unknown { reason, location: location.to_owned() });
    match value {
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(idx, item)| first_unknown(item, &inner(&idx.to_string())))
        }
        Value::Object(map) => match function(map) {
            Some((name, argument)) => unknown(reason(name, argument)),
            None => map.iter().find_map(|(key, value)| match key.starts_with("Fn::ForEach::") {
                true => unknown(Reason::Function(key.clone())),
                false => first_unknown(value, &inner(key)),
            }),
        },
        Value::String(text) if text.contains(DYNAMIC) => unknown(Reason::Dynamic(text.clone())),
        _ => None,
    }
}

fn reason(name: &str, argument: &Value) -> Reason {
    match (name, argument) {
        ("Ref", Value::String(name)) => Reason::Reference(name.clone()),
        ("Fn::GetAtt", Value::String(path)) => Reason::Attribute(path.clone()),
        ("Fn::GetAtt", Value::Array(path)) => {
            Reason::Attribute(path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."))
        }
        ("Fn::If", Value::Array(items)) if items.first().is_some_and(Value::is_string) => {
            Reason::Condition(items[0].as_str().unwrap_or_default().to_owned())
        }
        // The first unknown variable is the reason.
        ("Fn::Sub", argument) => variable(argument).unwrap_or_else(|| Reason::Function(name.to_owned())),
        (name, argument) => match first_unknown(argument, "") {
            Some(inner) => inner.reason,
            None => Reason::Function(name.to_owned()),
        },
    }
}

/// Returns the reason of the first variable in the argument of `Fn::Sub`.
fn variable(argument: &Value) -> Option<Reason> {
    let text = argument.as_str().or_else(|| argument[0].as_str())?;
    let names = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let name = names.into_iter().find(|name| !name.starts_with('!'))?;
    if let Some(own) = argument[1].get(name) {
        return first_unknown(own, "").map(|inner| inner.reason);
    }
    Some(if name.contains('.') { Reason::Attribute(name.to_owned()) } else { Reason::Reference(name.to_owned()) })
}
