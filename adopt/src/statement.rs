//! A statement of a function.

use std::collections::BTreeSet;

use crate::either::settle;

/// Stands before a variable that is changed by what is added to it, in its own module: no literal has such a character.
pub const VARIES: char = '\u{5}';

/// A statement of a function.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The comments above it.
    pub comments: Vec<String>,
    /// Its text.
    pub text: String,
    /// Whether a line is left blank before it.
    pub is_apart: bool,
    /// The variables that it uses.
    pub uses: BTreeSet<String>,
}

impl Statement {
    /// How many lines it will have, roughly.
    pub fn n_lines(&self) -> usize {
        let text = settle(&self.text, &|_| true);
        let n_calls = text.matches(").").count();
        self.comments.len()
            + 1
            + (text.len() / 45).max(if text.len() > 100 { n_calls } else { 0 })
            + text.matches('\n').count()
    }
}
