//! The notation of a text on one line: unquoted, in double quotes, or as the library writes it.
//!
//! One pass over the bytes decides the common cases. The library handles uncertain cases, so there is only one set of
//! rules.

use super::by_library;

/// Properties of a text's bytes, combined with `|`.
const COLON: u8 = 1;
const HASH: u8 = 2;
/// A delimiter of flow collections, which requires quotes for a key.
const FLOW: u8 = 4;
/// A character that no number and no date of any reader contains.
const WORD: u8 = 8;
/// A control character, or a character beyond ASCII.
const UNUSUAL: u8 = 16;
/// A character that is escaped between double quotes.
const ESCAPED: u8 = 32;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = class(byte as u8);
        byte += 1;
    }
    classes
};

const fn class(byte: u8) -> u8 {
    match byte {
        0..0x20 | 0x7f.. => UNUSUAL,
        b':' => COLON,
        b'#' => HASH | WORD,
        b',' => FLOW,
        b'[' | b']' | b'{' | b'}' => FLOW | WORD,
        b'"' | b'\\' => ESCAPED | WORD,
        b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' => 0,
        b'x' | b'X' | b'o' | b'O' | b'T' | b't' | b'Z' | b'z' | b'_' | b'.' | b'+' | b'-' | b' ' => 0,
        _ => WORD,
    }
}

/// Words that any reader interprets as null, a boolean or a number.
const WORDS: [&str; 11] = ["null", "true", "false", "nan", "inf", "y", "n", "yes", "no", "on", "off"];

#[derive(Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Quoted,
    Unsure,
}

/// Appends a value.
pub(super) fn push_value(text: &str, out: &mut String) {
    let flags = flags(text);
    match style(text, flags) {
        Style::Plain if flags & (COLON | HASH) == 0 => out.push_str(text),
        Style::Plain if text.contains(": ") || text.ends_with(':') || text.contains(" #") => quoted(text, flags, out),
        Style::Plain => out.push_str(text),
        Style::Quoted => quoted(text, flags, out),
        Style::Unsure => {
            let line = by_library(&text);
            out.push_str(line.strip_suffix('\n').unwrap_or(&line));
        }
    }
}

/// Appends a key, without the colon.
pub(super) fn push_key(text: &str, out: &mut String) {
    let flags = flags(text);
    match style(text, flags) {
        Style::Plain if flags & (COLON | FLOW | HASH) == 0 => out.push_str(text),
        Style::Plain if flags & (COLON | FLOW) == 0 && !text.contains(" #") => out.push_str(text),
        Style::Plain | Style::Quoted => quoted(text, flags, out),
        Style::Unsure => {
            const REST: &str = ": null\n";
            let line = by_library(&std::collections::BTreeMap::from([(text, ())]));
            out.push_str(line.strip_suffix(REST).expect("a map of one key that has nothing is one line"));
        }
    }
}

fn flags(text: &str) -> u8 {
    text.bytes().fold(0, |flags, byte| flags | CLASSES[usize::from(byte)])
}

/// Returns the style from the first and last byte, and from checks of the whole text. Callers check colons and hashes.
fn style(text: &str, flags: u8) -> Style {
    let bytes = text.as_bytes();
    let [first, ..] = bytes else { return Style::Quoted };
    if flags & UNUSUAL != 0 {
        return Style::Unsure;
    }
    if bytes.last() == Some(&b' ') {
        return Style::Quoted;
    }
    match first {
        b'a'..=b'z' | b'A'..=b'Z' if bytes.len() <= 5 && WORDS.iter().any(|it| text.eq_ignore_ascii_case(it)) => {
            Style::Quoted
        }
        b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'$' | b'(' | b')' | b';' | b'^' | b'\\' => Style::Plain,
        b'0'..=b'9' if flags & WORD != 0 => Style::Plain,
        b'0'..=b'9' if bytes.iter().all(u8::is_ascii_digit) => Style::Quoted,
        b' ' => Style::Quoted,
        b',' | b':' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%'
        | b'@' | b'`'
            if bytes.len() > 1 =>
        {
            Style::Quoted
        }
        _ => Style::Unsure,
    }
}

/// Appends a text of printable ASCII in double quotes.
fn quoted(text: &str, flags: u8, out: &mut String) {
    out.push('"');
    if flags & ESCAPED == 0 {
        out.push_str(text);
    } else {
        let mut rest = text;
        while let Some(at) = rest.find(['"', '\\']) {
            out.push_str(&rest[..at]);
            out.push('\\');
            out.push_str(&rest[at..=at]);
            rest = &rest[at + 1..];
        }
        out.push_str(rest);
    }
    out.push('"');
}
