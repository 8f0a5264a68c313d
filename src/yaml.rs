//! The one place that writes YAML.
//!
//! Every reader must see the same text: YAML 1.1 readers take `on`, `1_000`
//! and `12:34:56` for something else when they are bare, so the emitter quotes
//! what any of them would misread.

use serde::{Serialize, Serializer};
use serde_yaml::{LitStr, SerializerOptions};

/// A document as YAML.
pub(crate) fn to_text(value: &impl Serialize) -> String {
    serde_yaml::to_string_with_options(value, options()).expect("plain data is always written")
}

fn options() -> SerializerOptions {
    // Folded and literal blocks are chosen by `text` below, where no reader refuses them.
    serde_yaml::ser_options! { prefer_block_scalars: false }
}

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
