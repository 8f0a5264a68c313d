//! Edits that change the verdict of a link.

use serde_json::Value;

use crate::world::At;

/// The kind of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Add the value to a list field.
    Add,
    /// Remove the field, or the whole resource or object if there is no field.
    Remove,
    /// Set the field to the value.
    Set,
    /// Define the value as a new resource or object.
    Define,
}

impl Verb {
    /// Returns the kind as one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Set => "set",
            Self::Define => "define",
        }
    }
}

/// One change to a resource or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The kind.
    pub verb: Verb,
    /// The resource or object. For a new one, the existing one next to which it is defined.
    pub what: String,
    /// The field.
    pub field: String,
    /// The source location.
    pub at: Option<At>,
    /// The value to add, set or define; null for a removal.
    pub value: Value,
}

impl Edit {
    /// Creates an edit that adds a value to a list.
    pub fn add(what: impl Into<String>, field: impl Into<String>, at: &At, value: Value) -> Self {
        Self { verb: Verb::Add, what: what.into(), field: field.into(), at: Some(at.clone()), value }
    }

    /// Creates an edit that removes a field, or a whole resource or object.
    pub fn remove(what: impl Into<String>, field: impl Into<String>, at: &At) -> Self {
        Self { verb: Verb::Remove, what: what.into(), field: field.into(), at: Some(at.clone()), value: Value::Null }
    }

    /// Creates an edit that sets a field.
    pub fn set(what: impl Into<String>, field: impl Into<String>, at: &At, value: Value) -> Self {
        Self { verb: Verb::Set, what: what.into(), field: field.into(), at: Some(at.clone()), value }
    }

    /// Creates an edit that defines a new resource or object next to an existing one.
    pub fn define(what: impl Into<String>, at: &At, value: Value) -> Self {
        Self { verb: Verb::Define, what: what.into(), field: String::new(), at: Some(at.clone()), value }
    }

    /// Describes the change as a sentence.
    pub fn sentence(&self) -> String {
        let value = &self.value;
        match (self.verb, self.field.as_str()) {
            (Verb::Add, field) => format!("add to `{field}`: `{value}`"),
            (Verb::Remove, "") => "remove it".to_owned(),
            (Verb::Remove, field) => format!("remove `{field}`"),
            (Verb::Set, field) => format!("set `{field}` to `{value}`"),
            (Verb::Define, _) => format!("also define `{value}`"),
        }
    }
}
