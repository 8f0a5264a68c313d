//! Where something is written.

use std::fmt;

/// A place in the program, or in a file where there is no program.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The user's line, such as `src/services.rs:28:5`; empty where no program tells.
    pub source: String,
    /// The construct's path in the program; empty where no program tells.
    pub construct: String,
    /// The file below the folder that was read.
    pub file: String,
}

impl At {
    /// A place of a file that no program made.
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.source.is_empty() { &self.file } else { &self.source })
    }
}
