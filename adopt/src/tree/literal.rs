//! Literals.

use std::hash::{Hash, Hasher};

use super::File;

/// A literal.
#[derive(Clone, Debug)]
pub enum Literal {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A text in a file beside the program.
    File(File),
}

impl Literal {
    /// Its type in Rust; whole numbers are `i32` where they fit.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::File(_) => "&str",
            Self::Int(value) if i32::try_from(*value).is_ok() => "i32",
            Self::Int(_) => "i64",
            Self::Float(_) => "f64",
            Self::Bool(_) => "bool",
        }
    }

    /// As the program has it.
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

/// A text as a literal: as it is written, where it has several lines.
fn text(text: &str) -> String {
    // What is not seen is escaped: a mark that turns the direction of text would show another program than it is.
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

/// Whether a character is seen as what it is.
pub fn is_seen(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

/// A literal that is longer than a line, in several: what `\\` ends goes on at the next word.
fn in_lines(literal: &str) -> String {
    if literal.len() <= MOST {
        return literal.to_owned();
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in literal.split_inclusive(' ') {
        // A line that began with a space would lose it.
        if line.len() + word.len() > MOST && line.ends_with(' ') && !word.starts_with(' ') {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\\\n            ")
}

/// A literal on a line of its own is at most so long.
const MOST: usize = 72;
