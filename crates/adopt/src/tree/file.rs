//! Texts in separate files.

use std::hash::{Hash, Hasher};

use meshsynth_model::val::Data;

/// A text in a separate file, which the program reads with `include_str!`.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its path below its folder. After printing, its path relative to the module.
    pub path: String,
    /// Its content.
    pub content: Content,
}

/// The content of a separate file.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A text.
    Text(String),
    /// A document, which is written as YAML.
    Document(Data),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

// A document with NaN is not equal to itself. Hashing only the path is sufficient, because files with different paths
// are never equal.
impl Eq for File {}

impl Hash for File {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
    }
}
