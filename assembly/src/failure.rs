//! Something that stopped: what failed, why, whose line it is, what became of the rest, what to do.

use std::fmt;

use serde::{Serialize, Serializer};

/// What kind of failure it is. Decisions are made on this, never on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Something did not work.
    #[default]
    Failed,
    /// Somebody ended it.
    Interrupted,
    /// Another run holds the lock.
    Locked,
    /// The lock was lost while the run was at work.
    LockLost,
    /// Whoever is asked does not know who asks.
    NotSignedIn,
}

impl Kind {
    fn is_not_interrupted(&self) -> bool {
        *self != Kind::Interrupted
    }

    /// Programs are told of an interruption alone.
    fn as_flag<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*self == Kind::Interrupted)
    }
}

/// Why something was not deployed. It holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Failure {
    /// What failed.
    pub text: String,
    /// The user's line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The path in the program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub construct: String,
    /// The first real cause.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// What became of the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do.
    pub help: String,
    /// What kind of failure it is.
    #[serde(
        rename = "interrupted",
        serialize_with = "Kind::as_flag",
        skip_serializing_if = "Kind::is_not_interrupted"
    )]
    pub kind: Kind,
}

impl Failure {
    /// A failure, and what to do about it.
    pub fn new(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { text: text.into(), help: help.into(), ..Self::default() }
    }

    /// Somebody ended it.
    pub fn interrupted(text: impl Into<String>) -> Self {
        Self { kind: Kind::Interrupted, ..Self::new(text, "run the same command again: it continues from here") }
    }

    /// Adds what became of the rest.
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
