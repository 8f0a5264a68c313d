//! The catalogue of diagnostics, and that every code has its page.

use std::collections::BTreeSet;
use std::fs;

use meshsynth::rules::RULES;
use meshsynth::rules::coverage::{How, ROWS};

use crate::support::{files, root};

/// `docs/diagnostics.md` is made of the rules; run with `UPDATE_DOCS=1` to write it.
#[test]
fn the_catalogue_is_up_to_date() {
    let path = root().join("docs/diagnostics.md");
    let text = meshsynth::rules::catalogue();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).expect("the docs are writable");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/diagnostics.md is stale: run `UPDATE_DOCS=1 cargo test --test it catalogue`");
}

#[test]
fn every_code_in_the_source_has_a_rule() {
    let known: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    let mut used = BTreeSet::new();
    for path in files(&root().join("src"), &["rs"]) {
        let text = fs::read_to_string(&path).expect("a source file is text");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (idx, _) in text.match_indices("\"MS") {
            let code = &text[idx + 1..text.len().min(idx + 7)];
            if code.len() == 6 && code[2..].bytes().all(|byte| byte.is_ascii_digit()) {
                used.insert(code.to_owned());
            }
        }
    }
    let unknown: Vec<_> = used.iter().filter(|code| !known.contains(code.as_str())).collect();
    assert!(unknown.is_empty(), "no rule explains {unknown:?}");
    let unused: Vec<_> = known.iter().filter(|code| !used.contains(**code)).collect();
    assert!(unused.is_empty(), "nothing reports {unused:?}");
}

#[test]
fn codes_are_sorted_unique_and_explained() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "sort them: {codes:?}");
    for rule in RULES {
        assert!(rule.manual().len() > 80, "{} says too little", rule.code);
        assert!(!rule.manual().contains("](crate::"), "{}: a link that only rustdoc knows", rule.code);
    }
}

/// Each of the 49 checks and of the 14 mistakes of published examples has an answer that is there.
#[test]
fn every_row_is_caught_by_something_that_is_there() {
    let wanted = (1..=49).map(|row| row.to_string()).chain((1..=14).map(|row| format!("D{row}")));
    let rows: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
    assert_eq!(rows, wanted.collect::<Vec<_>>(), "a row is missing, or stands twice");
    let sources: String =
        files(&root().join("src"), &["rs"]).iter().map(|path| fs::read_to_string(path).expect("it is text")).collect();
    for row in ROWS {
        assert!(!row.how.is_empty(), "row {} is not answered", row.id);
        for how in row.how {
            let is_there = match how {
                How::Rule(code) => meshsynth::rules::find(code).is_some(),
                How::Impossible(case) => root().join(format!("tests/types/{case}.stderr")).is_file(),
                How::Follows(_, test) => {
                    ["", "    "].iter().any(|margin| sources.contains(&format!("#[test]\n{margin}fn {test}()")))
                }
            };
            assert!(is_there, "row {}: {how:?} is not there", row.id);
        }
    }
}
