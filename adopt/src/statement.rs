//! A statement of a function.

use std::collections::BTreeSet;

use crate::either::settle;
use crate::literals::Shape;

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
        // A map has a line for each pair, and two for itself.
        let n_parts = text.matches(").").count() + text.matches("(\"").count() + 2 * text.matches("map![").count();
        let n_formatted = (text.len() / 45).max(if text.len() > 100 { n_parts } else { 0 });
        self.comments.len() + 1 + n_formatted + text.matches('\n').count()
    }

    /// The variables that its text has, beside its literals: what was written for it and left again has none.
    pub fn variables(&self) -> impl Iterator<Item = &String> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let shape = Shape::of(&self.text);
        let words: BTreeSet<String> =
            shape.pieces.iter().flat_map(|piece| piece.split(|c: char| !is_word(c))).map(str::to_owned).collect();
        self.uses.iter().filter(move |variable| words.contains(*variable))
    }
}
