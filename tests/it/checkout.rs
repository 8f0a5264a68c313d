//! A checkout works on every system, including Windows, where git writes a symbolic link as a text file.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::root;

/// Returns the mode and path of every file that git tracks.
fn tracked() -> Vec<(String, String)> {
    let output = Command::new("git").args(["ls-files", "--stage", "-z"]).current_dir(root()).output();
    let output = output.expect("git is installed");
    assert!(output.status.success(), "these tests run in a clone: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let files: Vec<_> = text
        .split_terminator('\0')
        .filter_map(|line| line.split_once('\t'))
        .map(|(facts, path)| (facts.split(' ').next().unwrap_or_default().to_owned(), path.to_owned()))
        .collect();
    assert!(files.len() > 1000, "{} files", files.len());
    files
}

/// Returns the reason why Windows does not support a path.
///
/// Source: <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>.
fn refusal(path: &str) -> Option<&'static str> {
    if path.chars().any(|c| "<>:\"|?*\\".contains(c) || c.is_ascii_control()) {
        return Some("it has a character that is reserved");
    }
    // A path has at most 260 characters, including the folder of the clone.
    if path.len() > 180 {
        return Some("it is longer than 180 characters");
    }
    let is_device = |name: &str| {
        let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let is_numbered = |port: &str| {
            stem.strip_prefix(port).is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
        };
        ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || is_numbered("com") || is_numbered("lpt")
    };
    path.split('/').find_map(|name| match name {
        _ if is_device(name) => Some("it is the name of a device"),
        _ if name.ends_with(['.', ' ']) => Some("it ends with a period or a space"),
        _ => None,
    })
}

#[test]
fn there_is_no_symbolic_link() {
    let links: Vec<_> = tracked().into_iter().filter(|(mode, _)| mode == "120000").collect();
    assert!(links.is_empty(), "{links:?}");
}

#[test]
fn every_path_can_be_checked_out_on_windows() {
    for (path, is_fine) in [
        ("src/aux.rs", false),
        ("src/COM1", false),
        ("src/common.rs", true),
        ("a:b", false),
        ("docs/end.", false),
        ("src/auxiliary.rs", true),
    ] {
        assert_eq!(refusal(path).is_none(), is_fine, "{path}");
    }
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (_, path) in tracked() {
        wrong.extend(refusal(&path).map(|why| format!("{path}: {why}")));
        same.entry(path.to_lowercase()).or_default().push(path);
    }
    wrong.extend(same.values().filter(|paths| paths.len() > 1).map(|paths| format!("{paths:?} differ only by case")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_published_crate_has_the_licences() {
    let licences = ["LICENSE-APACHE", "LICENSE-MIT"];
    for (_, path) in tracked() {
        let Some(name) = licences.iter().find(|name| path.ends_with(**name)) else { continue };
        let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("it is tracked");
        assert_eq!(read(&path), read(name), "{path} is not the text of {name}");
    }
}
