//! Literals.

use std::hash::{Hash, Hasher};

use super::File;

/// A literal.
#[derive(Clone, Debug)]
pub enum Literal {
    /// A text.
    Text(String),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A text in a separate file.
    File(File),
}

impl Literal {
    /// Returns its Rust type. Integers are `i32` if they fit.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::File(_) => "&str",
            Self::Int(value) if i32::try_from(*value).is_ok() => "i32",
            Self::Int(_) => "i64",
            Self::Float(_) => "f64",
            Self::Bool(_) => "bool",
        }
    }

    /// Returns the literal as Rust code.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(value) => text(value),
            Self::Int(value) if i32::try_from(*value).is_ok() => value.to_string(),
            Self::Int(value) => format!("{value}_i64"),
            Self::Float(value) if value.is_nan() => "f64::NAN".to_owned(),
            Self::Float(value) if value.is_infinite() => {
                format!("{}f64::INFINITY", if *value < 0.0 { "-" } else { "" })
            }
            Self::Float(value) => format!("{value:?}"),
            Self::Bool(value) => value.to_string(),
            Self::File(file) => format!("include_str!({})", text(&file.path)),
        }
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Int(one), Self::Int(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one.to_bits() == other.to_bits(),
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::File(one), Self::File(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Literal {}

impl Hash for Literal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Text(value) => value.hash(state),
            Self::Int(value) => value.hash(state),
            Self::Float(value) => value.to_bits().hash(state),
            Self::Bool(value) => value.hash(state),
            Self::File(value) => value.hash(state),
        }
    }
}

/// Returns a text as a literal, in raw form if it has several lines.
fn text(text: &str) -> String {
    // Invisible characters are escaped, because a bidirectional mark would misrepresent the program.
    let is_plain = |c: char| matches!(c, '\n' | '\t') || is_seen(c);
    let is_raw =
        (text.trim_end().contains('\n') || text.matches(['"', '\\']).count() > 2) && text.chars().all(is_plain);
    if !is_raw {
        return in_lines(&format!("{text:?}").replace("\\'", "'"));
    }
    let mut marks = String::from("#");
    while text.contains(&format!("\"{marks}")) {
        marks.push('#');
    }
    if !text.contains('"') {
        marks.clear();
    }
    format!("r{marks}\"{text}\"{marks}")
}

/// Whether a character is visible as itself.
pub fn is_seen(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

/// Splits a long literal into several lines that end with `\\`, at word boundaries.
fn in_lines(literal: &str) -> String {
    if literal.len() <= MOST {
        return literal.to_owned();
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in literal.split_inclusive(' ') {
        // A leading space on a line would be lost.
        if line.len() + word.len() > MOST && line.ends_with(' ') && !word.starts_with(' ') {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\\\n            ")
}

/// The maximum length of a literal on one line.
const MOST: usize = 96;
