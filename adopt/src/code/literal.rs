//! Literals.

/// A text as a literal: as it is written, where it has several lines.
pub fn text(text: &str) -> String {
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

/// A whole number as a literal.
pub fn int(value: i64) -> String {
    match i32::try_from(value) {
        Ok(value) => value.to_string(),
        Err(_) => format!("{value}_i64"),
    }
}

/// A number as a literal.
pub fn float(value: f64) -> String {
    match value {
        _ if value.is_nan() => "f64::NAN".to_owned(),
        _ if value.is_infinite() => format!("{}f64::INFINITY", if value < 0.0 { "-" } else { "" }),
        _ => format!("{value:?}"),
    }
}
