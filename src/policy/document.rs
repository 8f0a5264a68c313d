//! Policy documents of IAM as JSON.

use serde_json::{Map, Value};

use crate::val::{Data, Deferred, Part};

/// A policy document as JSON. What is deferred stands in it as `${0}`, `${1}`, …: numbers into `values`.
pub(crate) struct Document<'a> {
    json: Value,
    values: Vec<&'a Deferred>,
}

impl<'a> Document<'a> {
    /// Reads a document that is written as a map, or as JSON text.
    pub fn read(data: &'a Data) -> Self {
        let mut values = Vec::new();
        let json = to_json(data, &mut values);
        let json = match json {
            Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::Null),
            json => json,
        };
        Self { json, values }
    }

    /// The statements that allow something.
    pub fn allowed(&self) -> impl Iterator<Item = &Map<String, Value>> {
        let statements = one_or_many(&self.json["Statement"]).iter().filter_map(Value::as_object);
        statements.filter(|statement| statement.get("Effect").is_some_and(|effect| effect == "Allow"))
    }

    /// The deferred value that a text consists of, or begins with.
    pub fn value(&self, text: &str) -> Option<&'a Deferred> {
        let number = text.strip_prefix("${")?.split_once('}')?.0;
        self.values.get(number.parse::<usize>().ok()?).copied()
    }
}

/// The texts of a property that takes one or many.
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
