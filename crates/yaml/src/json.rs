//! Values as JSON, for schemas and for objects of other tools.

use meshsynth_model::val::Data;
use serde_json::Value;

/// Converts data to JSON. Deferred values become `null`.
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
