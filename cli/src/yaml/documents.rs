//! The documents of a file one by one, so that a mistake in one of them costs that one alone.

use super::{Marked, Wrong, read};

/// How the parser calls a quoted text that goes on at the column of its key, or before it. YAML forbids that; kubectl reads it.
const CONTINUED: &str = "multiline quoted scalar";

/// All documents that can be read, and what is wrong with the others.
pub fn documents(text: &str) -> (Vec<Marked>, Vec<Wrong>) {
    match read(text) {
        Ok(documents) => (documents, Vec::new()),
        Err(_) => {
            let (mut documents, mut wrongs) = (Vec::new(), Vec::new());
            for (begin, part) in parts(text) {
                // Blank lines before it keep its line numbers.
                match continued(format!("{}{part}", "\n".repeat(begin))) {
                    Ok(found) => documents.extend(found),
                    Err(wrong) => wrongs.push(wrong),
                }
            }
            (documents, wrongs)
        }
    }
}

/// The parts between lines that begin with `---`, each with the number of lines before it.
fn parts(text: &str) -> Vec<(usize, String)> {
    let mut parts = vec![(0, String::new())];
    for (idx, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_mark = line == "---" || line.starts_with("--- ") || line.starts_with("---\t");
        if is_mark {
            parts.push((idx, String::new()));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    parts
}

/// Reads a document; the lines of a quoted text may begin anywhere, for the space before them is no part of it.
fn continued(mut text: String) -> Result<Vec<Marked>, Wrong> {
    let mut last = 0;
    loop {
        let wrong = match read(&text) {
            Ok(documents) => return Ok(documents),
            Err(wrong) => wrong,
        };
        let line = wrong.line as usize;
        if !wrong.message.contains(CONTINUED) || line <= last {
            return Err(wrong);
        }
        last = line;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let before = lines[..line - 1].iter().rev().find(|line| !line.trim().is_empty());
        let indent = before.map_or(0, |line| line.len() - line.trim_start_matches([' ', '-']).len()) + 1;
        lines[line - 1] = format!("{}{}", " ".repeat(indent), lines[line - 1].trim_start());
        text = lines.join("\n") + "\n";
    }
}

#[cfg(test)]
mod tests {
    use meshsynth::val::Data;

    use super::documents;

    #[test]
    fn a_mistake_costs_its_document_alone_and_lines_stay() {
        let (found, wrong) = documents("a: 1\n---\nb: [1\n---\nc: 3\n");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].get("c").map(|c| c.line), Some(5));
        assert_eq!(wrong.len(), 1);
        assert!((3..=4).contains(&wrong[0].line), "{wrong:?}");
    }

    #[test]
    fn a_quoted_text_may_go_on_at_the_column_of_its_key() {
        let (found, wrong) = documents("data:\n  a: \"one\n  two\n  three\"\n  b: 'four\n  five'\nlast: 6\n");
        assert_eq!(wrong, []);
        let data = found[0].data();
        assert_eq!(data.at("data.a"), Some(&Data::from("one two three")));
        assert_eq!(data.at("data.b"), Some(&Data::from("four five")));
        assert_eq!(found[0].get("last").map(|it| it.line), Some(7));
    }
}
