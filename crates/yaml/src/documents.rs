//! The documents of a file, read separately so that an error affects only one of them.

use std::borrow::Cow;

use super::{Marked, Wrong, read, stream};

/// The parser's name for a quoted text that continues at the column of its key, or before it. YAML forbids it, but
/// kubectl reads it.
const CONTINUED: &str = "multiline quoted scalar";

/// The maximum number of moved lines, because a document is read again after each one.
const MOST_MOVED: usize = 200;

/// Returns all valid documents, and the errors of the other ones.
pub fn documents(text: &str) -> (Vec<Marked>, Vec<Wrong>) {
    let (documents, wrongs) =
        read(text).ok().or_else(|| stream::read(text)).map_or_else(|| one_by_one(text), |it| (it, Vec::new()));
    match directive(text) {
        Some(wrong) if documents.iter().any(is_for_kubectl) => (Vec::new(), vec![wrong]),
        _ => (documents, wrongs),
    }
}

fn one_by_one(text: &str) -> (Vec<Marked>, Vec<Wrong>) {
    let text = directive(text).map_or(Cow::Borrowed(text), |_| text.replacen('%', "#", 1).into());
    let (mut documents, mut wrongs) = (Vec::new(), Vec::new());
    for (n_before, part) in parts(&text) {
        match continued(part) {
            Ok(found) => documents.extend(found.into_iter().map(|it| it.shifted(n_before, 0))),
            Err(wrong) => wrongs.push(Wrong { line: wrong.line.saturating_add(n_before), ..wrong }),
        }
    }
    (documents, wrongs)
}

/// Returns an error for a directive, such as `%YAML 1.1`, above the first document. kubectl treats the text above `---`
/// as a document.
fn directive(text: &str) -> Option<Wrong> {
    let content = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let (idx, line) = text.trim_start_matches('\u{feff}').lines().enumerate().find(|(_, line)| content(line))?;
    line.starts_with('%').then(|| Wrong {
        message: "a YAML directive, which kubectl does not support".to_owned(),
        line: u32::try_from(idx + 1).unwrap_or(u32::MAX),
        column: 1,
    })
}

/// Whether a document is for kubectl, unlike CloudFormation templates and values files.
fn is_for_kubectl(document: &Marked) -> bool {
    ["apiVersion", "kind"].into_iter().any(|key| document.get(key).is_some())
}

/// Whether a document begins at a line.
pub fn is_mark(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Returns the parts between lines that begin with `---`, each with the number of preceding lines.
fn parts(text: &str) -> Vec<(u32, String)> {
    let mut parts = vec![(0, String::new())];
    for (idx, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if is_mark(line) {
            parts.push((u32::try_from(idx).unwrap_or(u32::MAX), String::new()));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

/// Reads a document. The lines of a quoted text may begin at any column, because their indentation is not content.
fn continued(mut text: String) -> Result<Vec<Marked>, Wrong> {
    let mut last = 0;
    for _ in 0..MOST_MOVED {
        let wrong = match read(&text) {
            Ok(documents) => return Ok(documents),
            Err(wrong) => wrong,
        };
        let at = wrong.line as usize;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if !wrong.message.contains(CONTINUED) || at <= last || at > lines.len() {
            return Err(wrong);
        }
        last = at;
        let before = lines[..at - 1].iter().rev().find(|line| !line.trim().is_empty());
        let indent = before.map_or(0, |line| line.len() - line.trim_start_matches([' ', '-']).len()) + 1;
        lines[at - 1] = format!("{}{}", " ".repeat(indent), lines[at - 1].trim_start());
        text = lines.join("\n") + "\n";
    }
    read(&text)
}

#[cfg(test)]
mod tests {
    use meshsynth_model::val::Data;

    use super::documents;

    #[test]
    fn skips_only_invalid_document_and_keeps_lines() {
        let (found, wrong) = documents("a: 1\n---\nb: [1\n---\nc: 3\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].get("c").map(|c| c.line), Some(5));
        assert_eq!(wrong.len(), 1);
        assert!((3..=4).contains(&wrong[0].line), "{wrong:?}");
    }

    #[test]
    fn rejects_directive_only_for_kubectl() {
        let text = |key: &str| format!("%YAML 1.1\n---\n{key}: a\n");
        assert_eq!(documents(&text("Resources")).0.len(), 1);
        assert_eq!(documents(&text("kind")).1.len(), 1);
        assert_eq!(documents("%YAML 1.1\n---\nkind: [\n").1.len(), 1);
    }

    #[test]
    fn reports_unterminated_quoted_text() {
        for text in ["a: \"one\ntwo", "a: 'one\n", "a: \"\n\n\n", "- \"a\n- b\n---\nc: 1\n"] {
            assert_eq!(documents(text).1.len(), 1, "{text:?}");
        }
        let long = format!("a: \"one\n{}", "b\n".repeat(5_000));
        assert_eq!(documents(&long).1.len(), 1);
    }

    #[test]
    fn accepts_quoted_text_continued_at_key_column() {
        let (found, wrong) = documents("data:\n  a: \"one\n  two\n  three\"\n  b: 'four\n  five'\nlast: 6\n");
        assert_eq!(wrong, []);
        let data = found[0].data();
        assert_eq!(data.at("data.a"), Some(&Data::from("one two three")));
        assert_eq!(data.at("data.b"), Some(&Data::from("four five")));
        assert_eq!(found[0].get("last").map(|it| it.line), Some(7));
    }
}
