//! Literals.

/// A text as a literal: as it is written, where it has several lines.
pub fn text(text: &str) -> String {
    let is_plain = |c: char| !c.is_control() || c == '\n' || c == '\t';
    let is_raw =
        (text.trim_end().contains('\n') || text.matches(['"', '\\']).count() > 2) && text.chars().all(is_plain);
    if !is_raw {
        return format!("{text:?}").replace("\\'", "'");
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

/// A whole number as a literal.
pub fn int(value: i64) -> String {
    match i32::try_from(value) {
        Ok(value) => value.to_string(),
        Err(_) => format!("{value}_i64"),
    }
}

/// A number as a literal.
pub fn float(value: f64) -> String {
    format!("{value:?}")
}
