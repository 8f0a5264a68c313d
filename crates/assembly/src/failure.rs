//! Failures of a run: the error, its cause, the program line, notes and help.

use std::fmt;

use serde::{Serialize, Serializer};

/// The kind of a failure. Decisions depend on the kind and never on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// An operation failed.
    #[default]
    Failed,
    /// The user interrupted the run.
    Interrupted,
    /// Another run has the lock.
    Locked,
    /// The lock was lost during the run.
    LockLost,
    /// AWS or the cluster does not accept the credentials.
    NotSignedIn,
}

impl Kind {
    fn is_not_interrupted(&self) -> bool {
        *self != Kind::Interrupted
    }

    /// Serializes the kind as a flag. The JSON reports only an interruption.
    fn as_flag<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*self == Kind::Interrupted)
    }
}

/// The reason why a part was not deployed. It contains no secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Failure {
    /// The error message.
    pub text: String,
    /// The line in the user's program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The construct path in the program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub construct: String,
    /// The first cause that explains the failure.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// Notes about the other parts of the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The action that fixes the failure.
    pub help: String,
    /// The kind of failure.
    #[serde(
        rename = "interrupted",
        serialize_with = "Kind::as_flag",
        skip_serializing_if = "Kind::is_not_interrupted"
    )]
    pub kind: Kind,
}

impl Failure {
    /// Creates a failure with a fix.
    pub fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { text: text.into(), help: help.into(), ..Self::default() }
    }

    /// Creates a failure for an interrupted run.
    pub fn interrupted(text: impl Into<String>) -> Self {
        Self { kind: Kind::Interrupted, ..Self::new(text, "run the same command again: it continues from here") }
    }

    /// Adds a note about the other parts of the run.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}", self.text)?;
        if !self.source.is_empty() {
            write!(out, "\n  --> {}", self.source)?;
        }
        for (name, text) in [("construct", &self.construct), ("cause", &self.cause)] {
            if !text.is_empty() {
                write!(out, "\n   = {name}: {text}")?;
            }
        }
        for note in &self.notes {
            write!(out, "\n   = note: {note}")?;
        }
        write!(out, "\n   = help: {}", self.help)
    }
}

impl std::error::Error for Failure {}
