//! Keys and scalars on one line.

use serde_json::Value;

/// Words that some YAML version does not parse as text.
const WORDS: [&str; 12] = ["null", "true", "false", "nan", "inf", "infinity", "y", "n", "yes", "no", "on", "off"];

/// The library limits the length of a key.
const MAX_KEY: usize = 256;

/// Splits a line into a key and the text of its value, or returns `None` if it does not begin with
/// a key.
pub fn key(line: &str) -> Option<(String, &str)> {
    let (key, rest) = match line.starts_with('"') {
        true => {
            let (key, rest) = quoted(line)?;
            (key, rest.strip_prefix(':')?)
        }
        false => {
            let end = line.bytes().position(|byte| !is_of_key(byte))?;
            let (key, rest) = line.split_at(end);
            (Some(key).filter(|it| is_text(it))?.to_owned(), rest.strip_prefix(':')?)
        }
    };
    let value = match rest.strip_prefix(' ') {
        Some(value) if value.starts_with([' ', '#']) => return None,
        Some(value) => value,
        None => Some(rest).filter(|it| it.is_empty())?,
    };
    let is_empty = rest.starts_with(' ') && value.is_empty();
    (key.len() <= MAX_KEY && key != "<<" && !is_empty).then_some((key, value))
}

fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'/' | b'-')
}

/// Parses a scalar, or an empty map or list. Returns `None` if the meaning is not certain.
pub fn value(text: &str) -> Option<Value> {
    match text {
        "{}" => return Some(Value::Object(serde_json::Map::new())),
        "[]" => return Some(Value::Array(Vec::new())),
        "null" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    if text.starts_with('"') {
        let (value, rest) = quoted(text)?;
        return rest.is_empty().then(|| value.into());
    }
    let mut pairs = text.bytes().zip(text.bytes().skip(1));
    if text.ends_with([' ', ':']) || pairs.any(|it| matches!(it, (b':', b' ') | (b' ', b'#'))) {
        return None;
    }
    match number(text) {
        Some(number) => Some(number.into()),
        None => is_text(text).then(|| text.into()),
    }
}

/// Parses an integer in the most common form.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|it| it.is_ascii_digit());
    (is_plain && (text == "0" || !digits.starts_with('0'))).then(|| text.parse().ok())?
}

/// Whether every YAML version parses a plain scalar as text.
fn is_text(text: &str) -> bool {
    match text.as_bytes() {
        [b'a'..=b'z' | b'A'..=b'Z', ..] => {
            text.len() > "infinity".len() || !WORDS.iter().any(|it| text.eq_ignore_ascii_case(it))
        }
        [b'/' | b'$', ..] => true,
        [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] => false,
        // No number, date or time contains such a character.
        [b'0'..=b'9', rest @ ..] => rest.iter().any(|byte| match byte.to_ascii_lowercase() {
            b'e' | b'o' | b't' | b'x'..=b'z' => false,
            other => other.is_ascii_lowercase() || matches!(other, b'/' | b'%' | b'@'),
        }),
        _ => false,
    }
}

/// Parses a double-quoted scalar, and returns the rest of the line.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut value = String::new();
    loop {
        let end = rest.find(['"', '\\'])?;
        value.push_str(&rest[..end]);
        let mark = rest.as_bytes()[end];
        rest = &rest[end + 1..];
        if mark == b'"' {
            return Some((value, rest));
        }
        value.push(match rest.as_bytes().first()? {
            b'"' => '"',
            b'\\' => '\\',
            b'n' => '\n',
            _ => return None,
        });
        rest = &rest[1..];
    }
}
