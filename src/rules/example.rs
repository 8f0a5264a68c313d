//! The example of a manual: the shortest failing case of a rule's tests, with the helpers that it calls.
//!
//! The text of a rule file is part of the library. The format of `rustfmt` determines the first and the last line of an
//! item.

use std::collections::BTreeSet;

/// The beginning of the tests of a rule file.
const TESTS: &str = "#[cfg(test)]\nmod tests {\n";

/// An item of the test module.
struct Item<'a> {
    /// Its name.
    name: &'a str,
    /// Its lines, with the indentation of the module.
    lines: Vec<&'a str>,
}

impl Item<'_> {
    fn is_test(&self) -> bool {
        self.lines.iter().any(|line| line.trim() == "#[test]")
    }

    fn contains(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    /// Whether the item contains the name of another item.
    fn refers_to(&self, other: &Item<'_>) -> bool {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        self.name != other.name
            && self.lines.iter().any(|line| line.split(|it| !is_part(it)).any(|word| word == other.name))
    }
}

/// Returns the shortest failing case of a rule as Rust code.
pub(super) fn of(source: &str, code: &str) -> Option<String> {
    let (_, tests) = source.split_once(TESTS)?;
    let items = items(tests.strip_suffix("}\n").unwrap_or(tests));
    let quoted = format!("\"{code}\"");
    let cases = (0..items.len()).filter(|idx| items[*idx].is_test());
    let reports = |parts: &BTreeSet<usize>| parts.iter().any(|idx| items[*idx].contains(&quoted));
    let cases = cases.map(|idx| (idx, with_helpers(&items, idx))).filter(|(_, parts)| reports(parts));
    let length = |parts: &BTreeSet<usize>| parts.iter().map(|idx| items[*idx].lines.len()).sum::<usize>();
    // A case with the code in its own lines is preferred to a case that calls a helper with the code.
    let (case, parts) = cases.min_by_key(|(idx, parts)| (!items[*idx].contains(&quoted), length(parts)))?;
    let helpers = parts.iter().filter(|idx| **idx != case);
    let texts: Vec<String> = helpers.chain([&case]).map(|idx| unindented(&items[*idx])).collect();
    Some(texts.join("\n"))
}

/// Returns an item and the items that it refers to, directly or through other items.
fn with_helpers(items: &[Item<'_>], idx: usize) -> BTreeSet<usize> {
    let (mut found, mut open) = (BTreeSet::from([idx]), vec![idx]);
    while let Some(from) = open.pop() {
        for to in (0..items.len()).filter(|to| !items[*to].is_test() && items[from].refers_to(&items[*to])) {
            if found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

/// Returns the functions, constants and types of the module.
fn items(tests: &str) -> Vec<Item<'_>> {
    let (mut items, mut lines) = (Vec::new(), Vec::new());
    let mut is_open = false;
    for line in tests.lines() {
        let is_outer = line.starts_with("    ") && !line.starts_with("     ");
        let (begins, name) = (is_outer && !is_open, name_of(line.trim_start()));
        if begins && line.trim().is_empty() || !begins && !is_open {
            continue;
        }
        lines.push(line);
        is_open = is_open || name.is_some();
        let is_end = match is_outer {
            true => line.ends_with('}') || line.ends_with(';'),
            // A text that continues without indentation ends a constant.
            false => line.ends_with("\";") || line.ends_with("\"#;"),
        };
        if is_open && is_end || !is_open && !line.trim_start().starts_with(['#', '/']) {
            let name = lines.iter().find_map(|line| name_of(line.trim_start()));
            let lines = std::mem::take(&mut lines);
            items.extend(name.map(|name| Item { name, lines }));
            is_open = false;
        }
    }
    items
}

/// Returns the name of the item that begins in a line.
fn name_of(line: &str) -> Option<&str> {
    let rest = ["fn ", "const ", "struct ", "static "].iter().find_map(|word| line.strip_prefix(word))?;
    rest.split(|it: char| !it.is_alphanumeric() && it != '_').next()
}

/// Returns the text of an item without the indentation of the module.
fn unindented(item: &Item<'_>) -> String {
    item.lines.iter().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::of;

    const SOURCE: &str = "\
fn check() {}

#[cfg(test)]
mod tests {
    use crate::testing::codes;

    /// Defines a queue.
    fn queue(name: &str) {
        if name.is_empty() {
            return;
        }
    }

    const NAME: &str = \"a
    }
text\";

    #[test]
    fn accepts_a_queue() {
        assert_eq!(codes(|app| queue(\"a\")), [\"\"; 0]);
    }

    #[test]
    fn reports_a_queue() {
        assert_eq!(codes(|app| queue(NAME)), [\"MS0001\"]);
    }
}
";

    #[test]
    fn contains_the_failing_case_and_its_helpers() {
        let example = of(SOURCE, "MS0001").expect("a case fails");
        assert!(example.contains("/// Defines a queue.\nfn queue(name: &str) {\n    if name"), "{example}");
        assert!(example.contains("const NAME"), "{example}");
        assert!(
            example.ends_with("fn reports_a_queue() {\n    assert_eq!(codes(|app| queue(NAME)), [\"MS0001\"]);\n}\n")
        );
        assert!(!example.contains("accepts"), "{example}");
    }

    #[test]
    fn is_absent_without_a_failing_case() {
        assert_eq!(of(SOURCE, "MS0002"), None);
        assert_eq!(of("fn check() {}\n", "MS0001"), None);
    }
}
