//! Diagnostics: a problem, its source location, and its fix.
//!
//! A constructor that finds a mistake reports it and continues, so that one run reports all mistakes.

mod parse;
mod render;
mod sarif;

pub use parse::{ParseError, from_json, intern};
pub use render::{render, render_as, to_json};
pub use sarif::{to_sarif, to_sarif_with};

use crate::tree::At;

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An error. Synthesis writes no output.
    Error,
    /// A warning. The output is written, and the user should check the finding.
    Warning,
    /// A note. The input does not show whether the finding is a mistake.
    Note,
}

impl Severity {
    /// Returns the name of the severity.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A location in a source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file, as the compiler received it.
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

/// An additional sentence of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text of the sentence.
    pub text: String,
    /// The related location.
    pub place: Option<Place>,
}

/// The exception that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The reason.
    pub reason: String,
    /// The last day of the exception, `YYYY-MM-DD`.
    pub until: String,
    /// The person or team that approved the exception, if specified.
    pub who: Option<String>,
    /// The location of the exception, such as `src/lib.rs:12:5`.
    pub source: String,
}

/// A mistake, or a finding that the user should check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, such as `MS0107`.
    pub code: &'static str,
    /// The severity.
    pub severity: Severity,
    /// The problem: lower case, no period, values in backticks.
    pub message: String,
    /// The path of the affected construct.
    pub construct: String,
    /// The line in the user's code.
    pub place: Option<Place>,
    /// The path of the affected field, such as `spec.http[0].route[1].destination`, if there is one.
    pub field: Option<String>,
    /// Additional sentences.
    pub notes: Vec<Note>,
    /// The fix.
    pub help: Option<String>,
    /// The exception that covers the finding, if there is one. A covered finding is recorded, but the run does not fail
    /// because of it.
    pub allowed: Option<Box<Allowed>>,
}

impl Diagnostic {
    /// Creates an error.
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

    /// Creates a warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Creates an error for the use of an object that belongs to another app. `what` describes it, such as "`Arn` is an
    /// attribute".
    #[doc(hidden)]
    pub fn other_app(what: &str) -> Self {
        Self::error("MS0103", format!("{what} of another app")).help(
            "apps are deployed separately: define both in one app, or refer to the deployed resource by its name, its ARN or an `import` of the construct",
        )
    }

    /// Sets the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets the construct.
    #[must_use]
    pub fn construct(mut self, path: impl Into<String>) -> Self {
        self.construct = path.into();
        self
    }

    /// Sets the line.
    #[must_use]
    pub fn at(mut self, at: impl Into<At>) -> Self {
        self.place = Some(at.into().into());
        self
    }

    /// Sets the field.
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

    /// Sets the fix.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Whether the diagnostic is an error that no exception covers.
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

    /// Returns the key that sorts diagnostics for display: first by severity, then by location.
    pub fn sort_key(&self) -> impl Ord + use<> {
        (self.severity, self.place.clone(), self.code, self.construct.clone(), self.message.clone())
    }
}
