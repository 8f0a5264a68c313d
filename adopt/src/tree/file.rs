//! Texts that are files beside the program.

use std::hash::{Hash, Hasher};

use meshsynth_types::val::Data;

/// A text that is a file beside the program, which has it by `include_str!`.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// What it is called: a path below its folder, and once the program is printed its path from there.
    pub path: String,
    /// What it holds.
    pub content: Content,
}

/// What a file beside the program holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A text.
    Text(String),
    /// A document, whose text is YAML.
    Document(Data),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

// A number in a document that is none differs from itself, and files of two names are not the same in any case.
impl Eq for File {}

impl Hash for File {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
    }
}
