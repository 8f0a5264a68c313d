//! The catalogue of diagnostics. Every code has an entry.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use meshsynth::rules::coverage::{How, ROWS};
use meshsynth::rules::{RULES, Rule};

use crate::support::{files, root};

/// `docs/diagnostics.md` is generated from the rules. Run with `UPDATE_DOCS=1` to write it.
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

/// A module reports a code if it passes the code as an argument: `error(id, "MS0301", …)`.
#[test]
fn rules_list_the_modules_that_report_their_codes() {
    let mut raised: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in ["src", "crates/model/src"].map(|folder| root().join(folder)).iter().filter(|folder| folder.is_dir())
    {
        for path in files(folder, &["rs"]) {
            let name = path.strip_prefix(folder).expect("it is below the folder").with_extension("");
            let module = name.to_string_lossy().replace("/mod", "").replace('/', "::");
            let is_test = module.split("::").any(|part| part == "tests" || part == "testing");
            let text = fs::read_to_string(&path).expect("a source file is text");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            // A module with a function for the public model does not contain its rule code, because the runner adds the
            // code.
            if code.contains("report: &mut Report)")
                && let Some(rule) = RULES.iter().find(|rule| rule.raised_in().first() == Some(&module.as_str()))
            {
                raised.entry(rule.code.to_owned()).or_default().insert(module.clone());
            }
            for line in code.lines().filter(|line| !is_test && !line.trim_start().starts_with("//")) {
                let quoted = line.match_indices("\"MS").filter_map(|(idx, _)| line[idx + 1..].split_once("\","));
                let is_code = |code: &&str| code.len() == 6 && code[2..].bytes().all(|byte| byte.is_ascii_digit());
                for code in quoted.map(|(code, _)| code).filter(is_code) {
                    raised.entry(code.to_owned()).or_default().insert(module.clone());
                }
            }
        }
    }
    let said = |rule: &Rule| rule.raised_in().into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let said: BTreeMap<_, _> = RULES.iter().map(|rule| (rule.code.to_owned(), said(rule))).collect();
    let wrong: Vec<_> = raised.iter().filter(|(code, modules)| said.get(*code) != Some(*modules)).collect();
    assert!(wrong.is_empty(), "the family's `mod.rs` does not say that these are raised there: {wrong:#?}");
    let idle: Vec<_> = said.keys().filter(|code| !raised.contains_key(*code)).collect();
    assert!(idle.is_empty(), "nothing raises {idle:?}");
}

#[test]
fn codes_are_sorted_unique_and_explained() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "sort them: {codes:?}");
    for rule in RULES.iter() {
        assert!(rule.manual().len() > 80, "{} says too little", rule.code);
        assert!(!rule.manual().contains("](crate::"), "{}: a link that only rustdoc knows", rule.code);
    }
}

/// Each of the 49 checks and of the 14 mistakes of published examples refers to an existing rule, test or case.
#[test]
fn every_row_refers_to_an_existing_check() {
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
