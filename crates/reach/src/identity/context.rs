//! The context of a request: its condition keys.

use std::collections::BTreeMap;

/// The knowledge about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The values of the key.
    Values(Vec<String>),
    /// The key is absent from the request.
    Absent,
    /// Only the request determines the key.
    Unknown,
}

/// The condition keys of a request. Names are case-insensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    keys: BTreeMap<String, Known>,
    /// The knowledge about keys with a common prefix, such as `aws:PrincipalTag/`.
    families: Vec<(String, Known)>,
    rest: Known,
}

impl Default for Context {
    /// Creates a context in which every key is unknown.
    fn default() -> Self {
        Self { keys: BTreeMap::new(), families: Vec::new(), rest: Known::Unknown }
    }
}

impl Context {
    /// Creates the context of a request that has only the added keys.
    pub fn closed() -> Self {
        Self { keys: BTreeMap::new(), families: Vec::new(), rest: Known::Absent }
    }

    /// Adds a key with one value.
    #[must_use]
    pub fn with(self, key: &str, value: &str) -> Self {
        self.knowing(key, Known::Values(vec![value.to_owned()]))
    }

    /// Adds a key.
    #[must_use]
    pub fn knowing(mut self, key: &str, known: Known) -> Self {
        self.keys.insert(key.to_ascii_lowercase(), known);
        self
    }

    /// Marks a key as absent.
    #[must_use]
    pub fn without(self, key: &str) -> Self {
        self.knowing(key, Known::Absent)
    }

    /// Marks all other keys with this prefix as absent.
    #[must_use]
    pub fn without_others(mut self, start: &str) -> Self {
        self.families.push((start.to_ascii_lowercase(), Known::Absent));
        self
    }

    /// Returns the knowledge about a key.
    pub fn get(&self, key: &str) -> &Known {
        let key = key.to_ascii_lowercase();
        let family = || self.families.iter().find(|(start, _)| key.starts_with(start)).map(|(_, known)| known);
        self.keys.get(&key).or_else(family).unwrap_or(&self.rest)
    }
}
