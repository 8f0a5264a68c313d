//! Data for expressions: the content of a file, with values that are unknown before a deployment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::Val;
use meshsynth::val::Data;

use super::unknown::Unknown;

/// A known or unknown value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tree {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
    /// The description of an unknown value.
    Unknown(Arc<str>),
}

impl Tree {
    /// Creates an unknown value.
    pub fn unknown(what: &str) -> Self {
        Tree::Unknown(what.into())
    }

    /// Creates an empty map.
    pub fn empty() -> Self {
        Tree::Map(BTreeMap::new())
    }

    /// Converts the data of a file. A deferred value becomes unknown. Fields with `null` are omitted, as in the API
    /// server.
    pub fn from_data(data: &Data, deferred: &str) -> Self {
        match data {
            Data::Null => Tree::Null,
            Data::Bool(value) => Tree::Bool(*value),
            Data::Int(value) => Tree::Int(*value),
            Data::Float(value) => Tree::Float(*value),
            Data::Text(text) => Tree::Text(text.to_string()),
            Data::List(items) => Tree::List(items.iter().map(|item| Self::from_data(item, deferred)).collect()),
            Data::Map(bag) => {
                let known = bag.iter().filter(|(_, value)| **value != Data::Null);
                Tree::Map(known.map(|(key, value)| (key.to_owned(), Self::from_data(value, deferred))).collect())
            }
            Data::Deferred(_) | Data::Secret(_) => Tree::unknown(deferred),
        }
    }

    /// Returns the value at a dotted path with indices for list items.
    #[cfg(test)]
    pub fn at_path(&self, path: &str) -> Option<&Tree> {
        path.split('.').try_fold(self, |tree, key| match tree {
            Tree::List(items) => items.get(key.parse::<usize>().ok()?),
            tree => tree.get(key),
        })
    }

    /// Returns the value at a dotted path.
    pub fn at(&self, path: &str) -> Option<&Tree> {
        path.split('.').try_fold(self, |tree, key| tree.get(key))
    }

    /// Returns a field of a map.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        match self {
            Tree::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// Returns a mutable field of a map.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Tree> {
        match self {
            Tree::Map(map) => map.get_mut(key),
            _ => None,
        }
    }

    /// Returns the text at a dotted path.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.at(path) {
            Some(Tree::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the items of the list at a dotted path, or an empty slice if there is no list.
    pub fn items(&self, path: &str) -> &[Tree] {
        match self.at(path) {
            Some(Tree::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns the mutable items of a list field.
    pub fn items_mut(&mut self, key: &str) -> &mut [Tree] {
        match self.get_mut(key) {
            Some(Tree::List(items)) => items,
            _ => &mut [],
        }
    }

    /// Sets a field if it is missing.
    pub fn or_set(&mut self, key: &str, value: impl Into<Tree>) {
        if let Tree::Map(map) = self {
            map.entry(key.to_owned()).or_insert_with(|| value.into());
        }
    }

    /// Sets a field of a map.
    pub fn set(&mut self, key: &str, value: Tree) {
        if let Tree::Map(map) = self {
            map.insert(key.to_owned(), value);
        }
    }

    /// Removes a field from a map.
    pub fn remove(&mut self, key: &str) -> Option<Tree> {
        match self {
            Tree::Map(map) => map.remove(key),
            _ => None,
        }
    }

    /// Adds an item to a list field, which is created if it is missing.
    pub fn push(&mut self, key: &str, item: Tree) {
        self.or_set(key, Tree::List(Vec::new()));
        if let Some(Tree::List(items)) = self.get_mut(key) {
            items.push(item);
        }
    }

    /// Returns a map field, which is created if it is missing.
    pub fn map_mut(&mut self, key: &str) -> &mut Tree {
        if !matches!(self, Tree::Map(_)) {
            *self = Tree::empty();
        }
        let Tree::Map(map) = self else { unreachable!("it is a map") };
        map.entry(key.to_owned()).or_insert_with(Tree::empty)
    }

    /// Converts the value for expressions.
    pub fn to_val(&self) -> Box<dyn Val> {
        match self {
            Tree::Null => Box::new(CelNull),
            Tree::Bool(value) => Box::new(CelBool::from(*value)),
            Tree::Int(value) => Box::new(CelInt::from(*value)),
            Tree::Float(value) => Box::new(CelDouble::from(*value)),
            Tree::Text(text) => Box::new(CelString::from(text.clone())),
            Tree::List(items) => Box::new(CelList::from(items.iter().map(Tree::to_val).collect::<Vec<_>>())),
            Tree::Map(map) => {
                let entries: HashMap<CelMapKey<'static>, Box<dyn Val>> =
                    map.iter().map(|(key, value)| (CelMapKey::from(key.clone()), value.to_val())).collect();
                Box::new(CelMap::from(entries))
            }
            Tree::Unknown(what) => Box::new(Unknown::new(Arc::clone(what))),
        }
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Tree::Text(text)
    }
}

impl From<i64> for Tree {
    fn from(value: i64) -> Self {
        Tree::Int(value)
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Tree::Bool(value)
    }
}

impl<const N: usize> From<[(&str, Tree); N]> for Tree {
    fn from(entries: [(&str, Tree); N]) -> Self {
        Tree::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}
