//! Idioms that make prose hard to read, which may only become fewer.
//!
//! `tests/prose.txt` records the number of sentences with an idiom for each folder and kind. `CONTRIBUTING.md` has the rules.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use regex::Regex;

use crate::support::{files, root};

/// An idiom: a name, a regular expression and the replacement. The expressions are split, so that this file contains no
/// idiom.
const IDIOMS: &[(&str, &str, &str)] = &[
    ("clause as subject", r"^(\*\*)?(What|Where|Who|Whoever|Whose|Which)\b[^?]*$", "start with the noun or the verb"),
    ("negative subject", r"\b([Nn]othing|[Nn]obody|[Nn]one|[Nn]o one) [a-z]+", "state what happens, with `not`"),
    ("two clauses with `what`", r"\b[Ww]hat\b.*\bwhat\b", "name the things"),
    ("`is` with a clause", r"\b(is|are|was|were) what\b", "name the thing"),
    ("tell", r"\b(tells?|told|telling)\b", "report, state, show, distinguish"),
    ("ask", r"\b(asks?|asked|asking)\b", "query, request, prompt, require"),
    ("hold", r"\b(holds?|held|holding)\b", "contain, verify, enforce, keep"),
    ("take for", r"\b(takes?|took|taken)\b[^.,;:]{1,50}\bfor\b", "treat as"),
    ("say", r"\b(says?|said|saying)\b", "specify, state, print"),
    ("stand", r"\b(stands?|stood)\b", "is, precedes, represents"),
    ("come to", r"\b(comes? to|came to|lets? go|let in|comes? of)\b", "amounts to, releases, allows"),
    ("unnamed actor", r"\b([Ss]omebody|[Ss]omeone|[Ww]hoever|[Aa]nybody|[Ee]verybody|others)\b", "name the actor"),
    ("of its own", r"\b(by (itself|themselves)|of (its|their) own|alone)\b", "separate, only, own"),
    ("way", r"\bways?\b", "path, connection, route, method"),
    (
        "condition with `where`",
        r"\bwhere (it|an?|the|this|that|they|there|some|its|their|both|all|every|only)\b",
        "if, when",
    ),
    ("three times `of`", r"\bof\b[^.;,:]*\bof\b[^.;,:]*\bof\b", "use a compound noun"),
    ("long sentence", r"^(\S+\s+){32,}\S+", "split the sentence"),
];

/// The folders whose prose is counted together.
const FOLDERS: &[&str] = &[
    "src",
    "crates/model",
    "crates/facts",
    "crates/template",
    "crates/yaml",
    "crates/access",
    "crates/adopt",
    "crates/assembly",
    "crates/dev/benches",
    "crates/check",
    "crates/cli",
    "crates/deploy",
    "crates/deploy-bin",
    "crates/diff",
    "docs",
    "crates/program",
    "crates/reach",
    "crates/upgrade",
    "crates/dev/reference",
    "stacks",
    "tests",
    "crates/dev/xtask",
    "templates",
];
const KINDS: [&str; 5] = ["comment", "docs", "message", "rustdoc", "test name"];
/// Generated files and test data.
const EXCLUDED: &[&str] = &[
    "docs/constructs/",
    "docs/cli.md",
    "docs/configuration.md",
    "docs/diagnostics.md",
    "tests/corpus/",
    "/target/",
    "tests/it/prose.rs",
];
const RECORD: &str = "tests/prose.txt";
/// The last commit before commit subjects were checked.
const BEFORE_SUBJECTS: &str = "c82008b4587185ce0d902a37dcb6c4c4825c2849";

/// A sentence with its kind and file.
struct Sentence {
    kind: &'static str,
    file: String,
    text: String,
}

/// Splits prose into sentences of at least five words.
fn sentences(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = vec![Vec::new()];
    for (idx, word) in words.iter().enumerate() {
        found.last_mut().expect("there is a first sentence").push(*word);
        let next = words.get(idx + 1).and_then(|it| it.chars().next());
        let begins = next.is_some_and(|it| it.is_ascii_uppercase() || ['`', '*', '['].contains(&it));
        if begins && word.ends_with(['.', '!', '?']) {
            found.push(Vec::new());
        }
    }
    found.into_iter().filter(|it| it.len() >= 5).map(|it| it.join(" ")).collect()
}

/// Returns the sentences of Markdown, without code, tables' rules and headings.
fn of_markdown(text: &str) -> Vec<String> {
    let (mut paragraphs, mut paragraph, mut is_code) = (Vec::new(), String::new(), false);
    for line in text.lines().chain([""]) {
        let line = line.trim();
        let is_fence = line.starts_with("```") || line.starts_with("~~~");
        let ends = is_fence || line.is_empty() || line.starts_with(['#', '|', '<']);
        if ends || line.starts_with("- ") || line.starts_with("* ") {
            paragraphs.push(std::mem::take(&mut paragraph));
        }
        is_code ^= is_fence;
        if !is_code && !is_fence && !line.starts_with(['#', '<']) {
            paragraph += line.trim_start_matches(['-', '*', '|', ' ']);
            paragraph += " ";
        }
    }
    paragraphs.iter().flat_map(|it| sentences(it)).collect()
}

/// Returns the comment kind and text of a line.
fn comment(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start();
    let doc = line.strip_prefix("//!").or_else(|| line.strip_prefix("///").filter(|it| !it.starts_with('/')));
    match doc {
        Some(doc) => Some(("rustdoc", doc)),
        None => line.strip_prefix("//").map(|it| ("comment", it)),
    }
}

fn of_rust(name: &str, text: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let (mut kind, mut block) = ("comment", String::new());
    for line in text.lines().chain([""]) {
        let own = comment(line);
        if own.is_none_or(|it| it.0 != kind) {
            found.extend(of_markdown(&block).into_iter().map(|it| (kind, it)));
            block.clear();
        }
        if let Some((own, text)) = own {
            kind = own;
            block += text;
            block.push('\n');
        }
    }
    let is_test_file = name.starts_with("tests/") || name.contains("/tests/");
    let mut follows_attribute = false;
    for line in text.lines().map(str::trim) {
        if let Some(test) = line.split("fn ").nth(1).filter(|_| follows_attribute) {
            let words = test.split('(').next().unwrap_or_default().replace('_', " ");
            found.extend((words.split(' ').count() > 4).then_some(("test name", words)));
        }
        follows_attribute = line.starts_with("#[test]") || follows_attribute && line.starts_with("#[");
    }
    if !is_test_file {
        found.extend(messages(text).into_iter().map(|it| ("message", it)));
    }
    found
}

/// Returns the string literals of seven words or more.
fn messages(text: &str) -> Vec<String> {
    let literal = Regex::new(r#""((?:[^"\\]|\\.|\\\n)*)""#).expect("the expression is valid");
    let code: String = text.lines().filter(|it| comment(it).is_none()).flat_map(|it| [it, "\n"]).collect();
    let joined = Regex::new(r"\\\n\s*").expect("the expression is valid").replace_all(&code, "").into_owned();
    let all = literal.captures_iter(&joined).map(|it| it[1].to_owned());
    all.filter(|it| it.split_whitespace().count() >= 7 && !it.contains('\n') && !it.starts_with(['[', '{', '<']))
        .collect()
}

fn all() -> Vec<Sentence> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for path in files(&root().join(folder), &["rs", "md"]) {
            let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).unwrap_or_default();
            if EXCLUDED.iter().any(|it| name.contains(it)) || text.starts_with("// Generated by ") {
                continue;
            }
            let own = match name.ends_with(".md") {
                true => of_markdown(&text).into_iter().map(|it| ("docs", it)).collect(),
                false => of_rust(&name, &text),
            };
            found.extend(own.into_iter().map(|(kind, text)| Sentence { kind, file: name.clone(), text }));
        }
    }
    found
}

fn idioms() -> Vec<(Regex, &'static str, &'static str)> {
    let compiled = |(name, expression, instead): &(&'static str, &str, &'static str)| {
        (Regex::new(expression).expect("the expression is valid"), *name, *instead)
    };
    IDIOMS.iter().map(compiled).collect()
}

#[test]
fn idioms_become_fewer() {
    let idioms = idioms();
    let mut counts: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for Sentence { kind, file, text } in all() {
        let Some((_, name, instead)) = idioms.iter().find(|it| it.0.is_match(&text)) else { continue };
        let folder = FOLDERS.iter().find(|it| file.starts_with(&format!("{it}/"))).expect("the file is in a folder");
        counts.entry((folder, kind)).or_default().push(format!("{file} ({kind}, {name}: {instead})\n    {text}"));
    }
    let n = |folder: &str, kind: &str| counts.get(&(folder, kind)).map_or(0, Vec::len);
    let path = root().join(RECORD);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let recorded: BTreeMap<String, usize> = text
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(key, count)| Some((key.to_owned(), count.parse().ok()?)))
        .collect();
    let rows: Vec<(String, &str, &str)> =
        FOLDERS.iter().flat_map(|folder| KINDS.map(|kind| (format!("{folder}, {kind}:"), *folder, kind))).collect();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let line = |(key, folder, kind): &(String, &str, &str)| {
            let count = n(folder, kind).min(recorded.get(key).copied().unwrap_or(usize::MAX));
            (count > 0).then(|| format!("{key} {count}\n"))
        };
        fs::write(&path, rows.iter().filter_map(line).collect::<String>()).expect("the record is writable");
        return;
    }
    let mut failures = Vec::new();
    for (key, folder, kind) in &rows {
        let (count, limit) = (n(folder, kind), recorded.get(key).copied().unwrap_or_default());
        if count > limit {
            let sentences = counts[&(*folder, *kind)].join("\n  ");
            failures.push(format!(
                "{key} {count} sentences with an idiom, recorded {limit}; rewrite the new ones:\n  {sentences}"
            ));
        } else if count < limit {
            failures
                .push(format!("{key} {count} sentences with an idiom, recorded {limit}: run with UPDATE_SNAPSHOTS=1"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn commit_subjects_are_short_and_plain() {
    let range = format!("{BEFORE_SUBJECTS}..HEAD");
    let log = Command::new("git").current_dir(root()).args(["log", "--format=%s", &range]).output();
    // A package or a shallow clone has no history.
    let Some(log) = log.ok().filter(|it| it.status.success()) else { return };
    let idioms = idioms();
    let subjects = String::from_utf8_lossy(&log.stdout).into_owned();
    let long: Vec<&str> = subjects.lines().filter(|it| it.chars().count() > 72).collect();
    assert!(long.is_empty(), "shorten these commit subjects: {long:#?}");
    let unclear: Vec<&str> = subjects.lines().filter(|it| idioms.iter().any(|idiom| idiom.0.is_match(it))).collect();
    let percent = 100 * unclear.len() / subjects.lines().count().max(1);
    assert!(percent < 1, "reword these commit subjects: {unclear:#?}");
}

#[test]
fn idioms_are_recognized() {
    let idioms = idioms();
    let find = |text: &str| idioms.iter().find(|it| it.0.is_match(text)).map(|it| it.1);
    assert_eq!(find(concat!("Wh", "at nothing names is left out")), Some("clause as subject"));
    assert_eq!(find(concat!("the value is no", "thing of interest")), Some("negative subject"));
    assert_eq!(find("omits unreferenced constructs"), None);
    let text = "/// Returns the subnets of a zone.\n// A private comment about a detail.\nfn subnets() {}\n";
    let kinds: Vec<&str> = of_rust("src/vpc.rs", text).iter().map(|it| it.0).collect();
    assert_eq!(kinds, ["rustdoc", "comment"]);
}
