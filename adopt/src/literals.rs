//! The literals of an expression.

use crate::names;

/// An expression as its literals and what stands between them: one piece more than literals.
pub struct Shape<'a> {
    /// What stands between.
    pub pieces: Vec<&'a str>,
    /// The literals.
    pub literals: Vec<&'a str>,
}

impl<'a> Shape<'a> {
    /// The shape of an expression.
    pub fn of(text: &'a str) -> Self {
        let (mut pieces, mut literals, mut rest, mut at) = (Vec::new(), Vec::new(), 0, 0);
        while at < text.len() {
            let len = literal(&text[at..], text[..at].chars().next_back());
            if len > 0 {
                pieces.push(&text[rest..at]);
                literals.push(&text[at..at + len]);
                rest = at + len;
            }
            at += len.max(text[at..].chars().next().map_or(1, char::len_utf8));
        }
        pieces.push(&text[rest..]);
        Self { pieces, literals }
    }

    /// What a literal is called: by the key before it, or by the method that takes it.
    pub fn name(&self, idx: usize) -> String {
        let before = self.pieces[idx];
        let method = |text: &str| -> String {
            let start = text.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
            text[start..].to_owned()
        };
        if before == ", " && idx > 0 {
            let call = self.pieces[idx - 1];
            let is_pair = call.ends_with("[(") || call.ends_with(", (");
            let takes_key = ["attribute", "annotate", "label", "patch", "raw", "set"];
            if is_pair || takes_key.contains(&method(call.trim_end_matches('(')).as_str()) {
                return names::snake(self.literals[idx - 1].trim_matches('"'));
            }
            return "name".to_owned();
        }
        if before.ends_with("stack, ") || before.ends_with("cluster, ") {
            return "id".to_owned();
        }
        let call = before.trim_end_matches(['[', '&']).trim_end_matches('(');
        match method(call).as_str() {
            "" => "value".to_owned(),
            "new" => names::snake(&method(call.trim_end_matches("::new"))),
            "select" => "index".to_owned(),
            word if before.ends_with('(') || before.ends_with("([") || before.ends_with("(&") => names::snake(word),
            _ => "id".to_owned(),
        }
    }
}

/// How long the literal is that a text begins with; 0 where it begins with none.
fn literal(text: &str, before: Option<char>) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_within = before.is_some_and(|c| is_word(c) || c == '.');
    let raw = text.strip_prefix('r').map(|rest| rest.len() - rest.trim_start_matches('#').len());
    match raw {
        Some(n_marks) if !is_within && text[1 + n_marks..].starts_with('"') => {
            let end = format!("\"{}", "#".repeat(n_marks));
            let body = 2 + n_marks;
            return text[body..].find(&end).map_or(0, |len| body + len + end.len());
        }
        _ => {}
    }
    if text.starts_with('"') {
        let mut is_escaped = false;
        for (at, c) in text.char_indices().skip(1) {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => return at + 1,
                _ => {}
            }
        }
        return 0;
    }
    if is_within || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !is_word(c) && c != '.').unwrap_or(text.len())
}
