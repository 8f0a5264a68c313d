//! A YAML value with its location.

use meshsynth_model::ordered::{Keyed, OrderedMap};
use meshsynth_model::val::{Bag, Data, Key};

use super::scalar;

/// A value and the location of its beginning.
#[derive(Clone, Debug)]
pub struct Marked {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    pub(super) node: Node,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Key),
    /// `y`, `Y`, `n` or `N`: a boolean for kubectl, and a text for CloudFormation.
    Letter(String),
    List(Vec<Marked>),
    Map(OrderedMap<Entry>),
}

/// A key with its location, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: Key,
    pub line: u32,
    pub column: u32,
    pub value: Marked,
    /// Whether it was merged with `<<`, so that a key of the map itself may replace it.
    pub is_merged: bool,
}

impl Keyed for Entry {
    fn key(&self) -> &str {
        &self.key
    }
}

impl From<Data> for Node {
    fn from(data: Data) -> Self {
        match data {
            Data::Bool(value) => Self::Bool(value),
            Data::Int(value) => Self::Int(value),
            Data::Float(value) => Self::Float(value),
            Data::Text(text) => Self::Text(text),
            Data::Null | Data::List(_) | Data::Map(_) | Data::Deferred(_) | Data::Secret(_) => Self::Null,
        }
    }
}

/// The interpretation of a document's texts.
#[derive(Clone, Copy)]
struct Texts {
    /// Whether a text with a placeholder is a deferred value.
    has_placeholders: bool,
    /// Whether `y` and `n` are booleans.
    has_letters: bool,
}

impl Texts {
    const OF_MANIFESTS: Self = Self { has_placeholders: true, has_letters: true };
    const OF_TEMPLATES: Self = Self { has_placeholders: false, has_letters: false };
    const AS_WRITTEN: Self = Self { has_placeholders: false, has_letters: true };

    fn text(self, text: Key) -> Data {
        if self.has_placeholders && scalar::is_placeholder(&text) { scalar::deferred(&text) } else { Data::Text(text) }
    }

    fn letter(self, letter: String) -> Data {
        if self.has_letters { scalar::plain(&letter) } else { Data::from(letter) }
    }
}

impl Marked {
    pub(super) fn is_null(&self) -> bool {
        matches!(self.node, Node::Null)
    }

    /// Moves the location of a value down, and to the right if it is on the first line.
    pub(super) fn shifted(mut self, n_lines: u32, n_columns: u32) -> Self {
        if n_lines > 0 || n_columns > 0 {
            self.shift(n_lines, n_columns);
        }
        self
    }

    fn shift(&mut self, n_lines: u32, n_columns: u32) {
        let shift = |line: &mut u32, column: &mut u32| {
            if *line == 1 {
                *column = column.saturating_add(n_columns);
            }
            *line = line.saturating_add(n_lines);
        };
        shift(&mut self.line, &mut self.column);
        match &mut self.node {
            Node::List(items) => items.iter_mut().for_each(|item| item.shift(n_lines, n_columns)),
            Node::Map(entries) => {
                for entry in entries.entries_mut() {
                    shift(&mut entry.line, &mut entry.column);
                    entry.value.shift(n_lines, n_columns);
                }
            }
            _ => {}
        }
    }

    pub(super) fn n_parts(&self) -> usize {
        1 + match &self.node {
            Node::List(items) => items.iter().map(Marked::n_parts).sum(),
            Node::Map(entries) => entries.entries().iter().map(|entry| entry.value.n_parts()).sum::<usize>(),
            _ => 0,
        }
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<&Marked> {
        match &self.node {
            Node::Map(entries) => entries.get(key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// Returns the text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of a list. Empty for other values.
    pub fn items(&self) -> &[Marked] {
        if let Node::List(items) = &self.node { items } else { &[] }
    }

    /// Returns the items of the list at a key.
    pub fn items_of(&self, key: &str) -> Vec<Marked> {
        match self.get(key).map(|value| &value.node) {
            Some(Node::List(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// Returns the keys of a map with their values.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Marked)> {
        let entries = if let Node::Map(entries) = &self.node { entries.entries() } else { &[] };
        entries.iter().map(|entry| (&*entry.key, &entry.value))
    }

    /// Returns the value without locations. Text with a placeholder is a deferred value.
    pub fn data(&self) -> Data {
        self.data_by(Texts::OF_MANIFESTS)
    }

    /// Returns the same as [`Marked::data`], without a copy of the texts.
    pub fn into_data(self) -> Data {
        self.into_data_by(Texts::OF_MANIFESTS)
    }

    /// Returns the value without locations, with literal text, as CloudFormation reads it.
    pub fn literal(&self) -> Data {
        self.data_by(Texts::OF_TEMPLATES)
    }

    /// Returns the same as [`Marked::literal`], without a copy of the texts.
    pub fn into_literal(self) -> Data {
        self.into_data_by(Texts::OF_TEMPLATES)
    }

    /// Returns the value without locations, with literal text, as kubectl reads it.
    pub fn written(&self) -> Data {
        self.data_by(Texts::AS_WRITTEN)
    }

    fn data_by(&self, texts: Texts) -> Data {
        match &self.node {
            Node::List(items) => Data::List(items.iter().map(|item| item.data_by(texts)).collect()),
            Node::Map(entries) => {
                let entries = entries.entries().iter();
                Data::Map(entries.map(|entry| (entry.key.clone(), entry.value.data_by(texts))).collect::<Bag>())
            }
            Node::Null => Data::Null,
            Node::Bool(value) => Data::Bool(*value),
            Node::Int(value) => Data::Int(*value),
            Node::Float(value) => Data::Float(*value),
            Node::Text(text) => texts.text(text.clone()),
            Node::Letter(letter) => texts.letter(letter.clone()),
        }
    }

    fn into_data_by(self, texts: Texts) -> Data {
        match self.node {
            Node::List(items) => Data::List(items.into_iter().map(|item| item.into_data_by(texts)).collect()),
            Node::Map(entries) => {
                let entries = entries.into_entries().into_iter();
                Data::Map(entries.map(|entry| (entry.key, entry.value.into_data_by(texts))).collect::<Bag>())
            }
            Node::Null => Data::Null,
            Node::Bool(value) => Data::Bool(value),
            Node::Int(value) => Data::Int(value),
            Node::Float(value) => Data::Float(value),
            Node::Text(text) => texts.text(text),
            Node::Letter(letter) => texts.letter(letter),
        }
    }

    /// Returns the location of a field such as `spec.http[0].route[1].destination`, or of its nearest existing parent.
    pub fn place(&self, path: &str) -> (u32, u32) {
        self.find(path).unwrap_or((self.line, self.column))
    }

    /// Returns the location of a field, or of its nearest existing parent, or `None`.
    pub fn find(&self, path: &str) -> Option<(u32, u32)> {
        let path = path.trim_start_matches('.');
        match &self.node {
            Node::List(items) => {
                let path = path.trim_start_matches('[');
                let end = path.find(|c: char| !c.is_ascii_digit()).unwrap_or(path.len());
                let item = items.get(path[..end].parse::<usize>().ok()?)?;
                Some(item.place(path[end..].trim_start_matches(']')))
            }
            // Keys may contain dots, so the longest matching key is used.
            Node::Map(entries) => {
                let is_end = |at: &usize| *at == path.len() || matches!(path.as_bytes()[*at], b'.' | b'[');
                let entry = (0..=path.len()).rev().filter(is_end).find_map(|end| entries.get(&path[..end]))?;
                Some(entry.value.find(&path[entry.key.len()..]).unwrap_or((entry.line, entry.column)))
            }
            _ => None,
        }
    }
}
