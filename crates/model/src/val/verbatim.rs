//! Verbatim data.

use super::{Data, Deferred, Key, Val, Verbatim};

impl Verbatim {
    /// Visits every value at any depth.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Deferred)) {
        match self {
            Self::List(items) => items.iter().for_each(|item| item.each(visit)),
            Self::Map(rows) => rows.iter().for_each(|(_, value)| value.each(visit)),
            Self::Value(value) => visit(value),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Text(_) => {}
        }
    }
}

impl From<Data> for Verbatim {
    fn from(data: Data) -> Self {
        match data {
            Data::Null => Self::Null,
            Data::Bool(value) => Self::Bool(value),
            Data::Int(value) => Self::Int(value),
            Data::Float(value) => Self::Float(value),
            Data::Text(text) => Self::Text(text),
            Data::List(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Data::Map(bag) => {
                let row = |(key, value): (&str, &Data)| (Key::Owned(key.to_owned()), Self::from(value.clone()));
                Self::Map(bag.iter().map(row).collect())
            }
            Data::Deferred(value) => Self::Value(*value),
            // In an intrinsic function, the ARN of a secret represents the secret.
            Data::Secret(secret) => match secret.arn() {
                Val::Known(arn) => Self::Text(arn.into()),
                Val::Deferred(arn) => Self::Value(arn),
            },
        }
    }
}

impl From<&Verbatim> for Data {
    fn from(tree: &Verbatim) -> Self {
        match tree {
            Verbatim::Null => Self::Null,
            Verbatim::Bool(value) => Self::Bool(*value),
            Verbatim::Int(value) => Self::Int(*value),
            Verbatim::Float(value) => Self::Float(*value),
            Verbatim::Text(text) => Self::Text(text.clone()),
            Verbatim::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Verbatim::Map(rows) => {
                Self::Map(rows.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
            Verbatim::Value(value) => Self::Deferred(Box::new(value.clone())),
        }
    }
}

/// Converts verbatim content to data. A function stays verbatim, because its result is unknown
/// before deployment.
pub fn as_data(tree: Verbatim) -> Data {
    match &tree {
        Verbatim::Map(rows) if matches!(rows.as_slice(), [(name, _)] if is_name(name)) => {
            Data::Deferred(Box::new(Deferred::Verbatim(Box::new(tree))))
        }
        other => Data::from(other),
    }
}

fn is_name(name: &str) -> bool {
    name == "Ref" || name == "Condition" || name.starts_with("Fn::")
}
