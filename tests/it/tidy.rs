//! The house rules, as tests.

use std::fs;
use std::path::Path;

use crate::support::{files, root};

/// The folders of generated code, which nobody reads.
const GENERATED: &[&str] = &["src/cfn/", "src/kube/"];
const HAND_WRITTEN_IN_GENERATED: &[&str] = &["ids.rs", "resource_type.rs", "kind.rs", "int_or_string.rs"];
const MAX_LINES: usize = 400;
/// Files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[];

fn sources() -> Vec<(String, String)> {
    ["src", "program", "cli", "xtask", "stacks", "benches", "tests"]
        .iter()
        .map(|folder| root().join(folder))
        .filter(|folder| folder.exists())
        .flat_map(|folder| files(&folder, &["rs"]))
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a source file is text"))
        })
        .collect()
}

fn is_generated(name: &str) -> bool {
    GENERATED.iter().any(|folder| name.starts_with(folder))
        && !HAND_WRITTEN_IN_GENERATED.iter().any(|file| name.ends_with(file))
}

fn hand_written() -> Vec<(String, String)> {
    sources().into_iter().filter(|(name, _)| !is_generated(name)).collect()
}

#[test]
fn files_hold_one_idea() {
    let long: Vec<_> = hand_written()
        .into_iter()
        .filter(|(name, text)| text.lines().count() > MAX_LINES && !LONG.iter().any(|(long, _)| name == long))
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split them by noun: {long:#?}");
}

/// Who may not name whom: files below the first, words of the second.
const BORDERS: &[(&str, &[&str])] = &[
    ("src/val", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::synth", "crate::rules"]),
    ("src/units", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::synth", "crate::rules"]),
    ("src/diag", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::synth", "crate::rules"]),
    ("src/tree.rs", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::synth", "crate::rules"]),
    ("src/node.rs", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::synth", "crate::rules"]),
    ("src/facts", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::synth", "crate::rules"]),
    ("src/synth", &["crate::aws", "crate::mesh", "crate::cfn", "crate::kube", "crate::rules", "\"AWS::EC2", "\"AWS::EKS"]),
    ("src/cfn", &["crate::aws", "crate::mesh"]),
    ("src/kube", &["crate::aws", "crate::mesh"]),
    ("src/aws", &["crate::mesh", "crate::synth", "crate::rules"]),
    ("src/mesh", &["crate::synth", "crate::rules"]),
    ("cli/src", &["meshsynth::aws", "meshsynth::mesh", "meshsynth::cfn", "meshsynth::kube"]),
];

#[test]
fn every_floor_keeps_to_its_borders() {
    let mut crossed = Vec::new();
    for (name, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (folder, words) in BORDERS.iter().filter(|(folder, _)| name.starts_with(folder)) {
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in lines {
                if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                    crossed.push(format!("{name} (below {folder}) names {word}"));
                }
            }
        }
    }
    assert!(crossed.is_empty(), "{crossed:#?}");
}

#[test]
fn the_library_is_pure() {
    let words = ["std::fs", "std::net", "std::env", "std::process", "SystemTime", "Instant::now", "println!", "thread_rng"];
    let mut impure = Vec::new();
    for (name, text) in sources().into_iter().filter(|(name, _)| name.starts_with("src/")) {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in lines {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                impure.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(impure.is_empty(), "the caller does that: {impure:#?}");
}

#[test]
fn nothing_is_left_undone() {
    let words = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("FIX", "ME"), concat!("#[ign", "ore")];
    let undone: Vec<_> = hand_written()
        .into_iter()
        .filter(|(name, _)| !name.ends_with("tests/it/tidy.rs"))
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(name, _)| name)
        .collect();
    assert!(undone.is_empty(), "finish them: {undone:?}");
}

#[test]
fn no_path_of_a_machine_is_in_the_repository() {
    let folders = ["src", "program", "cli", "xtask", "stacks", "tests", "docs", "snapshots", "benches"];
    let mut found = Vec::new();
    for folder in folders.iter().map(|folder| root().join(folder)).filter(|folder| folder.exists()) {
        for path in files(&folder, &["rs", "md", "snap", "toml", "py", "json", "stderr"]) {
            if path.components().any(|part| part.as_os_str() == "target") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            if text.contains(&*root().to_string_lossy()) || mentions_home(&text) {
                found.push(relative(&path));
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

fn mentions_home(text: &str) -> bool {
    [concat!("/ro", "ot/"), concat!("/ho", "me/")].iter().any(|home| text.contains(home))
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
