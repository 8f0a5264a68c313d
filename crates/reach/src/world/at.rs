//! Source locations.

use std::fmt;

/// A location in the program or, without a program, in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The line in the user's code, such as `src/services.rs:28:5`; empty without a program.
    pub source: String,
    /// The construct path in the program; empty without a program.
    pub construct: String,
    /// The file, relative to the folder.
    pub file: String,
}

impl At {
    /// Creates a location in a file without a program.
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.source.is_empty() { &self.file } else { &self.source })
    }
}
