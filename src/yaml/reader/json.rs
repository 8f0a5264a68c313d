//! Values as JSON, for what reads schemas and the objects of other tools.

use crate::val::Data;
use serde_json::Value;

/// Data as JSON; what is not known is nothing.
pub fn json(data: &Data) -> Value {
    match data {
        Data::Bool(value) => (*value).into(),
        Data::Int(value) => (*value).into(),
        Data::Float(value) => (*value).into(),
        Data::Text(text) => text.to_string().into(),
        Data::List(items) => items.iter().map(json).collect(),
        Data::Map(bag) => bag.iter().map(|(key, value)| (key.to_owned(), json(value))).collect(),
        Data::Null | Data::Deferred(_) | Data::Secret(_) => Value::Null,
    }
}
