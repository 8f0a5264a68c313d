//! The source of a construct in the program.

/// The source of a construct in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A stack, by its name.
    Stack(String),
    /// A resource: the name of its stack, and its logical ID.
    Resource(String, String),
    /// An object: its kind, and its name in the report.
    Object(String, String),
}
