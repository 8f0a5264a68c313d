//! Where something was written.

use std::panic::Location;

/// A place in the user's program, or in a manifest that a user wrote.
///
/// Small and cheap to copy: every node of the tree has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    file: &'static str,
    line: u32,
    column: u32,
}

impl At {
    /// A place by its file, line and column, both from 1. The name of a file lives as long as the
    /// process: whoever reads files keeps each name once.
    pub const fn new(file: &'static str, line: u32, column: u32) -> Self {
        Self { file, line, column }
    }

    /// The line that called the function, where that has `#[track_caller]`.
    #[track_caller]
    pub fn caller() -> Self {
        Location::caller().into()
    }

    /// The file, as the compiler or the reader of the file was given it.
    pub fn file(self) -> &'static str {
        self.file
    }

    /// The line, from 1.
    pub fn line(self) -> u32 {
        self.line
    }

    /// The column, from 1.
    pub fn column(self) -> u32 {
        self.column
    }
}

impl From<&'static Location<'static>> for At {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: location.file(), line: location.line(), column: location.column() }
    }
}
