//! What the rules about IAM share: policy documents as JSON, and who an identity's issuer is.

use serde_json::{Map, Value};

use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Data, Deferred, Part};

/// A policy document as JSON. What is deferred stands in it as `${0}`, `${1}`, …: numbers into `values`.
pub(in crate::rules) struct Document<'a> {
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
pub(in crate::rules) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
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

/// The cluster whose issuer or OpenID Connect provider a value is, if it is one of this platform.
pub(in crate::rules) fn cluster_of(model: &Model, value: &Deferred) -> Option<NodeId> {
    let attr = match value {
        Deferred::Attr(attr) => attr,
        Deferred::Piece { of, .. } => return cluster_of(model, of),
        Deferred::Item { .. } | Deferred::Joined { .. } | Deferred::Text(_) | Deferred::Doc(_) => return None,
    };
    let resource = model.resource(attr.node)?;
    match resource.type_name.as_ref() {
        "AWS::EKS::Cluster" => Some(attr.node),
        "AWS::IAM::OIDCProvider" => match resource.props.get("Url")? {
            Data::Deferred(url) => cluster_of(model, url),
            _ => None,
        },
        _ => None,
    }
}

/// A service account that a role trusts through its cluster's issuer.
pub(in crate::rules) struct Subject {
    /// The cluster, if it is one of this platform.
    pub cluster: Option<NodeId>,
    /// Such as `system:serviceaccount:shop:orders`.
    pub name: String,
}

/// The subjects that the condition of a web-identity statement names exactly.
pub(in crate::rules) fn subjects(
    model: &Model,
    document: &Document<'_>,
    statement: &Map<String, Value>,
) -> Vec<Subject> {
    let exact = statement.get("Condition").and_then(|it| it.get("StringEquals")).and_then(Value::as_object);
    let mut found = Vec::new();
    for (key, value) in exact.into_iter().flatten() {
        if key.ends_with(":sub") {
            let cluster = document.value(key).and_then(|value| cluster_of(model, value));
            found.extend(texts(Some(value)).map(|name| Subject { cluster, name: name.to_owned() }));
        }
    }
    found
}

/// Whether a statement is about an action.
pub(in crate::rules) fn is_about(statement: &Map<String, Value>, action: &str) -> bool {
    texts(statement.get("Action")).any(|it| it.eq_ignore_ascii_case(action))
}
