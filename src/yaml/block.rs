//! Texts of several lines.

use serde::{Serialize, Serializer};
use serde_yaml::LitStr;

/// A text: as a literal block where it has lines, otherwise as a scalar.
pub(crate) fn text<S: Serializer>(text: &str, out: S) -> Result<S::Ok, S::Error> {
    match is_block(text) {
        true => LitStr(text).serialize(out),
        false => out.serialize_str(text),
    }
}

/// Whether every reader reads the text back from a literal block.
///
/// Excluded are a leading tab or blank, trailing blanks, control characters,
/// and the line separators that YAML 1.1 knows and YAML 1.2 does not.
fn is_block(text: &str) -> bool {
    let is_plain = |c: char| {
        c == '\n' || (!c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
    };
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|c| is_plain(c) || c == '\t')
        && text.lines().all(|line| !line.starts_with('\t') && !line.ends_with([' ', '\t']))
}
