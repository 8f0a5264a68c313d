//! What a request says of itself beside who, what and on what.

use std::collections::BTreeMap;

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its values.
    Values(Vec<String>),
    /// The request does not have it.
    Absent,
    /// Only the request tells.
    Unknown,
}

/// The keys of a request. Upper and lower case of a name are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, Known>,
    rest: Known,
}

impl Default for Context {
    /// Nothing is known.
    fn default() -> Self {
        Self { keys: BTreeMap::new(), rest: Known::Unknown }
    }
}

impl Context {
    /// A request that has the keys that are named, and no others.
    pub fn closed() -> Self {
        Self { keys: BTreeMap::new(), rest: Known::Absent }
    }

    /// With a key of one value.
    #[must_use]
    pub fn with(self, key: &str, value: &str) -> Self {
        self.knowing(key, Known::Values(vec![value.to_owned()]))
    }

    /// With a key.
    #[must_use]
    pub fn knowing(mut self, key: &str, known: Known) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), known);
        self
    }

    /// With a key, unless it is there.
    #[must_use]
    pub fn or(self, key: &str, known: Known) -> Self {
        if self.keys.contains_key(&key.to_ascii_lowercase()) { self } else { self.knowing(key, known) }
    }

    /// What is known of a key.
    pub fn get(&self, key: &str) -> &Known {
        self.keys.get(&key.to_ascii_lowercase()).unwrap_or(&self.rest)
    }
}
