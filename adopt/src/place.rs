//! What a construct of the program was before.

/// What a construct of the program was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A stack, by its name.
    Stack(String),
    /// A resource: the name of its stack, and its logical id.
    Resource(String, String),
    /// An object: its kind, and its name as the report has it.
    Object(String, String),
}
