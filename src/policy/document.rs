//! IAM policy documents as JSON.

use serde_json::{Map, Value};

use crate::val::{Data, Deferred, Part};

/// A policy document as JSON. Each deferred value is replaced with `${0}`, `${1}`, …: an index of `values`.
pub(crate) struct Document<'a> {
    json: Value,
    values: Vec<&'a Deferred>,
}

impl<'a> Document<'a> {
    /// Reads a document from a map or from JSON text.
    pub fn read(data: &'a Data) -> Self {
        let mut values = Vec::new();
        let json = to_json(data, &mut values);
        let json = match json {
            Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::Null),
            json => json,
        };
        Self { json, values }
    }

    /// Returns the statements with the effect `Allow`.
    pub fn allowed(&self) -> impl Iterator<Item = &Map<String, Value>> {
        let statements = one_or_many(&self.json["Statement"]).iter().filter_map(Value::as_object);
        statements.filter(|statement| statement.get("Effect").is_some_and(|effect| effect == "Allow"))
    }

    /// Whether intrinsic functions produce statements, effects, principals or conditions. The document may then allow
    /// more than the statements that [`allowed`](Self::allowed) returns.
    pub fn may_say_more(&self) -> bool {
        let is_open = |it: &Value| {
            let operators = it.get("Condition").and_then(Value::as_object).into_iter().flatten();
            is_made(it)
                || !it.is_object()
                || ["Effect", "Action"].iter().filter_map(|key| it.get(key)).any(Self::is_unknown)
                || it.get("Principal").is_some_and(|it| is_made(it) || it.get("Service").is_some_and(Self::is_unknown))
                || it.get("Condition").is_some_and(is_made)
                || operators.map(|(_, keys)| keys).any(|keys| is_made(keys) || !keys.is_object())
        };
        is_made(&self.json) || !self.json.is_object() || one_or_many(&self.json["Statement"]).iter().any(is_open)
    }

    /// Whether an intrinsic function produces the value or a part of it.
    fn is_unknown(value: &Value) -> bool {
        match value {
            Value::String(text) => is_deferred(text),
            Value::Array(items) => items.iter().any(Self::is_unknown),
            Value::Object(map) => is_made(value) || map.values().any(Self::is_unknown),
            _ => false,
        }
    }

    /// Returns the deferred value at the beginning of a text.
    pub fn value(&self, text: &str) -> Option<&'a Deferred> {
        let number = text.strip_prefix("${")?.split_once('}')?.0;
        self.values.get(number.parse::<usize>().ok()?).copied()
    }
}

/// Whether a text has parts that are unknown before deployment.
pub(crate) fn is_deferred(text: &str) -> bool {
    text.split("${").skip(1).any(|rest| rest.split_once('}').is_some_and(|(number, _)| number.parse::<usize>().is_ok()))
}

/// Whether a value is an intrinsic function. Otherwise, it is a literal value.
pub(crate) fn is_made(value: &Value) -> bool {
    let is_function = |name: &String| name == "Ref" || name.starts_with("Fn::");
    value.as_object().is_some_and(|it| it.keys().any(is_function))
}

/// Returns the texts of a property with one or many values.
pub(crate) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.map(one_or_many).into_iter().flatten().filter_map(Value::as_str)
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn to_json<'a>(data: &'a Data, values: &mut Vec<&'a Deferred>) -> Value {
    match data {
        Data::List(items) => items.iter().map(|item| to_json(item, values)).collect(),
        Data::Map(bag) => {
            bag.iter().map(|(key, value)| (key.to_owned(), to_json(value, values))).collect::<Map<_, _>>().into()
        }
        Data::Deferred(deferred) => Value::String(placeholder(deferred, values)),
        Data::Bool(value) => Value::Bool(*value),
        other => Value::String(other.to_text()),
    }
}

fn placeholder<'a>(deferred: &'a Deferred, values: &mut Vec<&'a Deferred>) -> String {
    match deferred {
        Deferred::Text(parts) | Deferred::Doc(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.to_string(),
                Part::Value(value) => placeholder(value, values),
            })
            .collect(),
        value => {
            values.push(value);
            format!("${{{}}}", values.len() - 1)
        }
    }
}
