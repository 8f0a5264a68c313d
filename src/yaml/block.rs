//! Multi-line texts.

use serde::{Serialize, Serializer};
use serde_yaml::LitStr;

/// Writes a text: as a literal block if it has several lines, otherwise as a scalar.
pub(crate) fn text<S: Serializer>(text: &str, out: S) -> Result<S::Ok, S::Error> {
    match is_block(text) {
        true => LitStr(text).serialize(out),
        false => out.serialize_str(text),
    }
}

/// Whether every reader reads the same text from a literal block.
///
/// Excluded are a leading tab or space, trailing spaces, control characters,
/// and line separators of YAML 1.1 that YAML 1.2 does not have.
fn is_block(text: &str) -> bool {
    let is_plain = |c: char| {
        c == '\n' || (!c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
    };
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|c| is_plain(c) || c == '\t')
        && text.lines().all(|line| !line.starts_with('\t') && !line.ends_with([' ', '\t']))
}
