//! Shapes of SVG diagrams and legends: lines with arrowheads, icons and text.

use std::fmt::Write;

use super::theme::icon;

/// The radius of the corners of a line.
const RADIUS: i32 = 6;

/// Draws a line with its arrowhead.
///
/// It is drawn from its end, so that the dashes of lines that share their last stretch are aligned.
pub fn stroke(kind: &str, way: &[(i32, i32)], before: (i32, i32), end: (i32, i32)) -> String {
    let (dx, dy) = ((end.0 - before.0).signum(), (end.1 - before.1).signum());
    let (back, wide) = (7, 4);
    let foot = (end.0 - back * dx, end.1 - back * dy);
    let (left, right) = ((foot.0 - wide * dy, foot.1 + wide * dx), (foot.0 + wide * dy, foot.1 - wide * dx));
    let mut points: Vec<(i32, i32)> = way.to_vec();
    if let Some(last) = points.last_mut() {
        *last = if kind == "grant" { end } else { foot };
    }
    points.reverse();
    let mut path = format!("M{} {}", points[0].0, points[0].1);
    for corner in points.windows(3) {
        let [a, b, c] = [corner[0], corner[1], corner[2]];
        let (enter, leave) = (towards(b, a), towards(b, c));
        let _ = write!(path, "L{} {}Q{} {} {} {}", enter.0, enter.1, b.0, b.1, leave.0, leave.1);
    }
    let last = points[points.len() - 1];
    let _ = write!(path, "L{} {}", last.0, last.1);
    let close = if kind == "grant" { "" } else { "Z" };
    format!(
        "<path class=\"line {kind}\" d=\"{path}\"/><path class=\"tip {kind}\" d=\"M{} {}L{} {}L{} {}{close}\"/>",
        left.0, left.1, end.0, end.1, right.0, right.1
    )
}

/// Returns the point near `from` towards `to`, where a round corner begins.
fn towards(from: (i32, i32), to: (i32, i32)) -> (i32, i32) {
    let near = |a: i32, b: i32| a + (b - a).signum() * RADIUS.min((b - a).abs() / 2);
    (near(from.0, to.0), near(from.1, to.1))
}

/// Draws an icon.
pub fn icon_at(out: &mut String, kind: &str, class: &str, x: i32, y: i32) {
    let _ = write!(out, "<path class=\"icon {class}\" transform=\"translate({x} {y})\" d=\"{}\"/>", icon(kind));
}

/// Truncates a text to a number of characters.
pub fn fit(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let head: String = text.chars().take(letters.saturating_sub(1)).collect();
    head.trim_end().to_owned() + "…"
}

/// Escapes a text for XML content and attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
