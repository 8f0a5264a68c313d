//! Deferred values.

use super::{AttrName, Key, Val, Value};
use crate::tree::NodeId;

/// A value that is known only after a deployment.
#[derive(Clone, Debug, PartialEq)]
pub enum Deferred {
    /// An attribute of a node.
    Attr(Attr),
    /// Text made of literal parts and values.
    Text(Vec<Part>),
    /// A piece of another value, split at `separator`.
    Piece {
        /// The text to split.
        of: Box<Deferred>,
        /// The separator.
        separator: &'static str,
        /// The index of the piece, from 0.
        index: usize,
    },
    /// An item of a list.
    Item {
        /// The list.
        of: Box<Deferred>,
        /// The index of the item, from 0.
        index: usize,
    },
    /// The items of a list, joined into one text.
    Joined {
        /// The list.
        of: Box<Deferred>,
        /// The separator between items.
        separator: &'static str,
    },
    /// A document as JSON text. In contrast to other data, its *keys* may contain deferred values.
    Doc(Vec<Part>),
    /// Verbatim content, such as a CloudFormation function.
    Verbatim(Box<Verbatim>),
}

/// Verbatim content: a tree that may contain deferred values.
#[derive(Clone, Debug, PartialEq)]
pub enum Verbatim {
    /// No value.
    Null,
    /// A Boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Key),
    /// A list.
    List(Vec<Verbatim>),
    /// A map.
    Map(Vec<(Key, Verbatim)>),
    /// A deferred value.
    Value(Deferred),
}

/// An attribute of a node: `Ref` for the node itself, or a name such as `Endpoint.Address`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attr {
    /// The node that has the attribute.
    pub node: NodeId,
    /// The name of the attribute, or another source of the value.
    pub name: AttrName,
    /// Whether the attribute is read as a list.
    pub is_list: bool,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Literal text.
    Text(Key),
    /// A deferred value, which is inserted into the text.
    Value(Deferred),
}

impl Deferred {
    /// Whether the value is read as a list.
    pub fn is_list(&self) -> bool {
        matches!(self, Deferred::Attr(Attr { is_list: true, .. }))
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Part::Text(Key::Owned(text.to_owned()))
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Part::Text(Key::Owned(text))
    }
}

impl From<&String> for Part {
    fn from(text: &String) -> Self {
        Part::Text(Key::Owned(text.clone()))
    }
}

impl<T: Value> From<Val<T>> for Part {
    fn from(value: Val<T>) -> Self {
        const { assert!(!T::IS_LIST, "a list cannot be inserted into a text: join it, such as with `list.join(\",\")`") };
        match value {
            Val::Known(value) => Part::Text(Key::Owned(value.into_data().to_text())),
            Val::Deferred(deferred) => Part::Value(deferred),
        }
    }
}

impl<T: Value + Clone> From<&Val<T>> for Part {
    fn from(value: &Val<T>) -> Self {
        value.clone().into()
    }
}

impl Val<String> {
    /// Joins parts into one text. The result is known if every part is known.
    pub fn concat(parts: impl IntoIterator<Item = Part>) -> Val<String> {
        let mut flat: Vec<Part> = Vec::new();
        for part in parts {
            match part {
                Part::Value(Deferred::Text(inner)) => inner.into_iter().for_each(|part| append(&mut flat, part)),
                part => append(&mut flat, part),
            }
        }
        match flat.as_slice() {
            [] => Val::Known(String::new()),
            [Part::Text(text)] => Val::Known(text.to_string()),
            [Part::Value(value)] => Val::Deferred(value.clone()),
            _ => Val::Deferred(Deferred::Text(flat)),
        }
    }
}

/// Adds a part, and merges adjacent literals.
pub(super) fn append(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Text(last)), Part::Text(next)) => last.to_mut().push_str(&next),
        (_, part) => parts.push(part),
    }
}

/// Creates text from literals and values, like `format!` for values that may be deferred.
///
/// ```
/// # use meshsynth::{text, Val};
/// let host: Val<String> = "db.internal".into();
/// assert_eq!(text!["postgresql://", host, ":", 5432.to_string()], Val::from("postgresql://db.internal:5432"));
/// ```
#[macro_export]
macro_rules! text {
    ($($part:expr),* $(,)?) => {
        $crate::Val::<String>::concat([$($crate::val::IntoPart::into_part($part)),*])
    };
}
