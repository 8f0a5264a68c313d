//! Expressions that depend on where they stand: in the part of a stack that defines a variable, or in another one.

/// Begins an expression that depends on where it stands: in the part of a stack that defines a variable, or in another one.
/// No literal has such characters.
const EITHER: [char; 3] = ['\u{2}', '\u{3}', '\u{4}'];

/// An expression for the part that defines `variable`, and one for the others.
pub fn either(variable: &str, here: &str, elsewhere: &str) -> String {
    let [begin, then, end] = EITHER;
    format!("{begin}{variable}{then}{here}{then}{elsewhere}{end}")
}

/// The text in a part of a stack; `is_here` says whether the part defines a variable.
pub fn settle(text: &str, is_here: &dyn Fn(&str) -> bool) -> String {
    let [begin, then, end] = EITHER;
    let mut text = text.to_owned();
    // What is within another is settled first: it is what begins last.
    while let Some(start) = text.rfind(begin) {
        let Some(len) = text[start..].find(end) else { break };
        let inside = &text[start + begin.len_utf8()..start + len];
        let pieces: Vec<&str> = inside.split(then).collect();
        let chosen = match pieces.as_slice() {
            [variable, here, elsewhere] => if is_here(variable) { here } else { elsewhere }.to_string(),
            _ => String::new(),
        };
        text.replace_range(start..start + len + end.len_utf8(), &chosen);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{either, settle};

    #[test]
    fn what_is_within_another_is_settled_too() {
        let name = either("assets", "assets.name()", "assets.reference()");
        let text = format!("a {} b", either("logs", &format!("logs.of({name})"), &name));
        assert_eq!(settle(&text, &|_| true), "a logs.of(assets.name()) b");
        assert_eq!(settle(&text, &|variable| variable == "logs"), "a logs.of(assets.reference()) b");
        assert_eq!(settle(&text, &|_| false), "a assets.reference() b");
    }
}
