//! Refusals: input that is not written to the program.

/// An omitted input with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file of the input.
    pub file: String,
    /// Its first line, or 0 for the whole file.
    pub line: u32,
    /// The description and the reason, in one line.
    pub why: String,
}
