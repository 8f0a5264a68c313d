//! Failures of a run: the error, its cause, the program line, notes and help.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// The kind of a failure. Decisions depend on the kind and never on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// An operation failed.
    #[default]
    Failed,
    /// The user interrupted the run.
    Interrupted,
    /// Another run owns the deployment lock.
    Locked,
    /// The run lost the deployment lock.
    LockLost,
    /// AWS or the cluster does not accept the credentials.
    NotSignedIn,
}

/// The reason why a stack, cluster or release was not deployed. It contains no secrets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failure {
    /// The error message.
    pub text: String,
    /// The line in the user's program.
    pub source: String,
    /// The construct path in the program.
    pub construct: String,
    /// The first event or error that explains the failure.
    pub cause: String,
    /// Notes about the other deployments of the run.
    pub notes: Vec<String>,
    /// The action that fixes the failure.
    pub help: String,
    /// The kind of failure.
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

    /// Adds a note about the other deployments of the run.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

/// Serializes a failure without empty texts. The JSON does not contain the kind, except that it reports an
/// interruption.
impl Serialize for Failure {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("text", &self.text)?;
        for (key, text) in [("source", &self.source), ("construct", &self.construct), ("cause", &self.cause)] {
            if !text.is_empty() {
                map.serialize_entry(key, text)?;
            }
        }
        if !self.notes.is_empty() {
            map.serialize_entry("notes", &self.notes)?;
        }
        map.serialize_entry("help", &self.help)?;
        if self.kind == Kind::Interrupted {
            map.serialize_entry("interrupted", &true)?;
        }
        map.end()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_omits_empty_fields() {
        let failure = Failure::new("the stack is locked", "wait for the other run");
        let text = r#"{"text":"the stack is locked","help":"wait for the other run"}"#;
        assert_eq!(serde_json::to_string(&failure).unwrap(), text);
        let mut failure = Failure::interrupted("interrupted").note("2 stacks were not started");
        failure.cause = "the user".to_owned();
        let text = r#"{"text":"interrupted","cause":"the user","notes":["2 stacks were not started"],"help":"run the same command again: it continues from here","interrupted":true}"#;
        assert_eq!(serde_json::to_string(&failure).unwrap(), text);
    }
}
