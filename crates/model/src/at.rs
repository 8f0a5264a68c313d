//! Source locations.

use std::panic::Location;

/// A location in the user's program, or in a manifest that the user wrote.
///
/// Every node of the tree contains a location. Therefore, the type is small and cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    file: &'static str,
    line: u32,
    column: u32,
}

impl At {
    /// Creates a location from a file, a line and a column. Lines and columns count from 1. File names are never freed,
    /// so a file reader must store each name only once.
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self { file, line, column }
    }

    /// Returns the location of the caller of the calling function, if that function has `#[track_caller]`.
    #[track_caller]
    pub fn caller() -> Self {
        Location::caller().into()
    }

    /// Returns the file, as the compiler or the file reader received it.
    pub fn file(self) -> &'static str {
        self.file
    }

    /// Returns the line, from 1.
    pub fn line(self) -> u32 {
        self.line
    }

    /// Returns the column, from 1.
    pub fn column(self) -> u32 {
        self.column
    }
}

impl From<&'static Location<'static>> for At {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: location.file(), line: location.line(), column: location.column() }
    }
}
