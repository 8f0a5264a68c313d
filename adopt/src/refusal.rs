//! What cannot be written as a program, and why.

/// What is left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where it is.
    pub file: String,
    /// The line where it begins; 0 where it is the whole file.
    pub line: u32,
    /// What it is and why it is left out, in one line.
    pub why: String,
}
