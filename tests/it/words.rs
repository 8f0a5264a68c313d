//! Uncommon words with a standard replacement, which the repository must not contain.

use std::fs;

use crate::support::{files, root};

/// Words and their replacements. Each word is split, so that this file does not contain it.
const WORDS: &[(&str, &str)] = &[
    (concat!("me", "nd"), "fix"),
    (concat!("me", "nds"), "fixes"),
    (concat!("me", "nded"), "fixed"),
    (concat!("wi", "sh"), "property, request"),
    (concat!("wi", "shes"), "properties, requests"),
    (concat!("wi", "shed"), "requested"),
    (concat!("de", "pict"), "diagram"),
    (concat!("De", "picted"), "DiagramNode"),
    (concat!("peo", "pled"), "with_pods"),
    (concat!("char", "ted"), "with_helm"),
    (concat!("is_wi", "shed"), "is_cancelled"),
    (concat!("is_", "passing"), "is_transient"),
    (concat!("As", "ker"), "identity"),
    (concat!("per", "ils"), "what the tests are about"),
];

/// Phrases and their replacements.
const PHRASES: &[(&str, &str)] = &[
    (concat!("is ", "no valid"), "is not a valid"),
    (concat!("is ", "no JSON"), "is not valid JSON"),
    (concat!("is ", "no YAML"), "is not valid YAML"),
    (concat!("must be ", "let go"), "deletion protection"),
    (concat!("Wishes ", "for a"), "Properties of a"),
];

const FOLDERS: &[&str] = &[
    "src",
    "crates/model/src",
    "crates/facts/src",
    "crates/template/src",
    "crates/yaml/src",
    "crates/access",
    "crates/adopt/src",
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
    "tests/it",
    "tests/tools",
    "tests/types",
    "crates/dev/xtask",
    "templates",
];

#[test]
fn uses_standard_words() {
    let mut paths = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in FOLDERS {
        paths.extend(files(&root().join(folder), &["rs", "md", "py", "mjs", "hbs", "yml", "toml"]));
    }
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| path.components().all(|part| part.as_os_str() != "target")) {
        let text = fs::read_to_string(path).unwrap_or_default();
        let name = path.strip_prefix(root()).unwrap_or(path).display();
        for (idx, line) in text.lines().enumerate() {
            let words = || line.split(|it: char| !it.is_alphanumeric() && it != '_');
            let used = WORDS.iter().filter(|(word, _)| words().any(|it| it == *word));
            for (old, new) in used.chain(PHRASES.iter().filter(|(phrase, _)| line.contains(phrase))) {
                found.push(format!("{name}:{}: `{old}`: {new}", idx + 1));
            }
        }
    }
    assert!(found.is_empty(), "write what the field writes: {found:#?}");
}
