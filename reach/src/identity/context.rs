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
    /// What is known of keys that begin alike, such as `aws:PrincipalTag/`.
    families: Vec<(String, Known)>,
    rest: Known,
}

impl Default for Context {
    /// Nothing is known.
    fn default() -> Self {
        Self { keys: BTreeMap::new(), families: Vec::new(), rest: Known::Unknown }
    }
}

impl Context {
    /// A request that has the keys that are named, and no others.
    pub fn closed() -> Self {
        Self { keys: BTreeMap::new(), families: Vec::new(), rest: Known::Absent }
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

    /// Without a key.
    #[must_use]
    pub fn without(self, key: &str) -> Self {
        self.knowing(key, Known::Absent)
    }

    /// Without other keys that begin so than those that are named.
    #[must_use]
    pub fn without_others(mut self, start: &str) -> Self {
        self.families.push((start.to_ascii_lowercase(), Known::Absent));
        self
    }

    /// What is known of a key.
    pub fn get(&self, key: &str) -> &Known {
        let key = key.to_ascii_lowercase();
        let family = || self.families.iter().find(|(start, _)| key.starts_with(start)).map(|(_, known)| known);
        self.keys.get(&key).or_else(family).unwrap_or(&self.rest)
    }
}
