//! What to write, so that a link decides otherwise.

use serde_json::Value;

use crate::world::At;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// The value is added to the list that the field is.
    Add,
    /// The field, or the whole of it where none is named, is removed.
    Remove,
    /// The field gets the value.
    Set,
    /// The value is a new resource or a new object.
    Define,
}

impl Verb {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Set => "set",
            Self::Define => "define",
        }
    }
}

/// One change of a resource or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What becomes of the field.
    pub verb: Verb,
    /// The resource or the object; of something new, what it stands beside.
    pub what: String,
    /// The field.
    pub field: String,
    /// Where it is written.
    pub at: Option<At>,
    /// What is added, set or defined; null for what is removed.
    pub value: Value,
}

impl Edit {
    /// Adds a value to a list.
    pub fn add(what: impl Into<String>, field: impl Into<String>, at: &At, value: Value) -> Self {
        Self { verb: Verb::Add, what: what.into(), field: field.into(), at: Some(at.clone()), value }
    }

    /// Removes a field, or all of something.
    pub fn remove(what: impl Into<String>, field: impl Into<String>, at: &At) -> Self {
        Self { verb: Verb::Remove, what: what.into(), field: field.into(), at: Some(at.clone()), value: Value::Null }
    }

    /// Sets a field.
    pub fn set(what: impl Into<String>, field: impl Into<String>, at: &At, value: Value) -> Self {
        Self { verb: Verb::Set, what: what.into(), field: field.into(), at: Some(at.clone()), value }
    }

    /// Defines something beside what is there.
    pub fn define(what: impl Into<String>, at: &At, value: Value) -> Self {
        Self { verb: Verb::Define, what: what.into(), field: String::new(), at: Some(at.clone()), value }
    }

    /// The change as a sentence.
    pub fn sentence(&self) -> String {
        let value = &self.value;
        match (self.verb, self.field.as_str()) {
            (Verb::Add, field) => format!("add to `{field}`: `{value}`"),
            (Verb::Remove, "") => "remove it".to_owned(),
            (Verb::Remove, field) => format!("remove `{field}`"),
            (Verb::Set, field) => format!("set `{field}` to `{value}`"),
            (Verb::Define, _) => format!("define beside it: `{value}`"),
        }
    }
}
