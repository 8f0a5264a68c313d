//! Statements with their sources: reasons, notes and unknown facts.

/// A sentence with its source and date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The sentence.
    pub text: String,
    /// The URL of the source.
    pub source: String,
    /// The date of the source.
    pub date: String,
}

impl Statement {
    /// Creates a statement.
    pub fn new(text: impl Into<String>, source: &str, date: &str) -> Self {
        Self { text: text.into(), source: source.to_owned(), date: date.to_owned() }
    }
}

/// A fact that the data does not contain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The missing fact.
    pub text: String,
    /// The date of the data.
    pub date: String,
    /// The command that would answer.
    pub call: Option<String>,
    /// The page of the vendor.
    pub page: String,
}

/// A release note, and whether it concerns the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The note.
    pub statement: Statement,
    /// Whether it concerns the platform.
    pub applies: Applies,
    /// Whether the step fails or must not begin while the note applies.
    pub is_blocker: bool,
}

/// Whether a release note concerns a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applies {
    /// These objects and resources make it apply.
    Here(Vec<Evidence>),
    /// The platform does not contain its subject. Contains the reason.
    Absent(String),
    /// The files do not contain its subject, so the note is always shown. Contains the missing subject.
    Undecided(String),
}

/// A part of the platform to which a note applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The object or the resource.
    pub name: String,
    /// The property.
    pub property: String,
    /// The line of the program or of the file.
    pub source: String,
}
