//! Diagnostics: what is wrong, where the user wrote it, and how to fix it.
//!
//! Mistakes are collected, never thrown: a constructor reports and goes on, so
//! that one run names all of them.

mod parse;
mod render;
mod sarif;

pub use parse::{ParseError, from_json, intern};
pub use render::{render, render_as, to_json};
pub use sarif::{to_sarif, to_sarif_with};

use crate::tree::At;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// It is written, and somebody should look.
    Warning,
    /// It may be as it should be: what was given does not tell.
    Note,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<At> for Place {
    fn from(at: At) -> Self {
        Place { file: at.file().to_owned(), line: at.line(), column: at.column() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Something more to know about a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub text: String,
    /// The place it speaks of.
    pub place: Option<Place>,
}

/// Why a finding passes: an exception covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Why.
    pub reason: String,
    /// The last day on which it passes, `YYYY-MM-DD`.
    pub until: String,
    /// Who decided it, where that is said.
    pub who: Option<String>,
    /// Where the exception is written, such as `src/lib.rs:12:5`.
    pub source: String,
}

/// One mistake, or one thing to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, such as `MS0107`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: lower case, no period, values in backticks.
    pub message: String,
    /// The path of the construct at fault.
    pub construct: String,
    /// The user's own line.
    pub place: Option<Place>,
    /// The path of the field at fault, such as `spec.http[0].route[1].destination`, where one is.
    pub field: Option<String>,
    /// What else belongs to it.
    pub notes: Vec<Note>,
    /// How to fix it.
    pub help: Option<String>,
    /// The exception that lets it pass, where one does: it then counts for nothing, and is recorded.
    pub allowed: Option<Box<Allowed>>,
}

impl Diagnostic {
    /// An error: nothing will be written.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            construct: String::new(),
            place: None,
            field: None,
            notes: Vec::new(),
            help: None,
            allowed: None,
        }
    }

    /// A warning: the output is written, and somebody should look.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Something of another app is used: `what` is said of it, such as "`Arn` is an attribute".
    #[doc(hidden)]
    pub fn other_app(what: &str) -> Self {
        Self::error("MS0103", format!("{what} of another app")).help(
            "an app is deployed by itself: define both in one app, or read what the other app deployed by its name, ARN \
             or an `import` of the construct",
        )
    }

    /// The same with another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Says which construct is meant.
    #[must_use]
    pub fn construct(mut self, path: impl Into<String>) -> Self {
        self.construct = path.into();
        self
    }

    /// Says which line is meant.
    #[must_use]
    pub fn at(mut self, at: impl Into<At>) -> Self {
        self.place = Some(at.into().into());
        self
    }

    /// Says which field is meant.
    #[must_use]
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note { text: text.into(), place: None });
        self
    }

    /// Adds a note about another line.
    #[must_use]
    pub fn note_at(mut self, text: impl Into<String>, at: impl Into<At>) -> Self {
        self.notes.push(Note { text: text.into(), place: Some(at.into().into()) });
        self
    }

    /// Says how to fix it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Whether it is an error that no exception lets pass.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error && self.allowed.is_none()
    }

    pub(crate) fn or_construct(mut self, path: String) -> Self {
        if self.construct.is_empty() {
            self.construct = path;
        }
        self
    }

    pub(crate) fn or_at(mut self, at: At) -> Self {
        self.place.get_or_insert_with(|| at.into());
        self
    }

    /// The order in which diagnostics are shown: errors first, then by place.
    pub fn sort_key(&self) -> impl Ord + use<> {
        (self.severity, self.place.clone(), self.code, self.construct.clone(), self.message.clone())
    }
}
