//! The map of the repository: the table of crates is generated from their manifests, and file names in pages are
//! correct.
//!
//! `UPDATE_DOCS=1 cargo test --test it map` writes the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::{files, root};
use crate::tidy::BORDERS;

const PAGE: &str = "docs/architecture.md";
const BEGIN: &str = "<!-- crates: made by tests/it/map.rs -->\n";
const END: &str = "<!-- /crates -->";

/// A crate of the workspace.
struct Crate {
    folder: String,
    name: String,
    description: String,
    /// The crates of the workspace that it depends on, except dev-dependencies.
    needs: BTreeSet<String>,
}

/// Returns the value of a line `key = "value"`.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"')
}

fn member(folder: &str) -> Crate {
    let path = root().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("`{}` has no Cargo.toml", path.display()));
    let (mut name, mut description, mut needs) = (String::new(), String::new(), BTreeSet::new());
    let mut section = "";
    for line in text.lines() {
        match line.trim() {
            line if line.starts_with('[') => section = line,
            line if section == "[package]" => {
                name = value(line, "name").map_or(name, str::to_owned);
                description = value(line, "description").map_or(description, str::to_owned);
            }
            line if section == "[dependencies]" && line.starts_with("meshsynth") => {
                needs.insert(line.split([' ', '=', '.']).next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
    Crate { folder: folder.to_owned(), name, description, needs }
}

/// Returns the folders of the workspace members.
fn members() -> Vec<String> {
    let text = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let list = text.split("members = [").nth(1).and_then(|rest| rest.split(']').next()).expect("it lists its members");
    let mut folders = vec![".".to_owned()];
    for folder in list.split(',').map(|it| it.trim().trim_matches('"')).filter(|it| !it.is_empty()) {
        match folder.strip_suffix("/*") {
            None => folders.push(folder.to_owned()),
            Some(parent) => {
                let entries = fs::read_dir(root().join(parent)).expect("the folder of members is there").flatten();
                let inner = entries.filter(|it| it.path().join("Cargo.toml").exists());
                folders.extend(inner.map(|it| format!("{parent}/{}", it.file_name().to_string_lossy())));
            }
        }
    }
    folders.sort();
    folders
}

/// Returns the layer of a crate, which is one above the highest layer of its dependencies.
fn floor(name: &str, crates: &BTreeMap<String, Crate>) -> usize {
    crates[name].needs.iter().map(|need| floor(need, crates) + 1).max().unwrap_or_default()
}

fn table() -> String {
    let crates: BTreeMap<String, Crate> =
        members().iter().map(|folder| member(folder)).map(|it| (it.name.clone(), it)).collect();
    let mut rows: Vec<(usize, &Crate)> = crates.values().map(|it| (floor(&it.name, &crates), it)).collect();
    rows.sort_by(|a, b| (a.0, &a.1.folder).cmp(&(b.0, &b.1.folder)));
    let mut text = "| floor | folder | what it is | depends on |\n|---|---|---|---|\n".to_owned();
    for (floor, it) in rows {
        let folder = if it.folder == "." { "src" } else { &it.folder };
        let needs: Vec<String> = it.needs.iter().map(|need| format!("`{}`", crates[need].folder)).collect();
        let needs = needs.join(", ").replace("`.`", "`src`");
        let _ = writeln!(text, "| {floor} | `{folder}` | {} | {needs} |", it.description);
    }
    text += "\nWithin and across crates, files in these folders must not name:\n\n| files below | must not name |\n|---|---|\n";
    for (folder, words) in BORDERS {
        let words: Vec<String> = words.iter().map(|it| format!("`{}`", it.trim_matches('"'))).collect();
        let _ = writeln!(text, "| `{folder}` | {} |", words.join(", "));
    }
    text
}

/// Splits a page into the parts before, in and after its generated part.
fn pieces(page: &str) -> (String, String, String) {
    let text = fs::read_to_string(root().join(page)).expect("the page is there");
    let (before, rest) = text.split_once(BEGIN).expect("the page has a place for the table");
    let (made, after) = rest.split_once(END).expect("the table ends");
    (before.to_owned(), made.to_owned(), after.to_owned())
}

#[test]
fn the_table_of_crates_is_current() {
    let (before, written, after) = pieces(PAGE);
    let wanted = format!("\n{}\n", table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(PAGE), format!("{before}{BEGIN}{wanted}{END}{after}")).expect("the page is written");
        return;
    }
    assert!(written == wanted, "{PAGE} is stale: UPDATE_DOCS=1 cargo test --test it map");
}

#[test]
fn crates_do_not_depend_on_their_own_layer() {
    let crates: BTreeMap<String, Crate> =
        members().iter().map(|folder| member(folder)).map(|it| (it.name.clone(), it)).collect();
    for it in crates.values() {
        let own = floor(&it.name, &crates);
        assert!(it.needs.iter().all(|need| floor(need, &crates) < own), "{}", it.name);
    }
}

#[test]
fn readme_map_lists_every_crate() {
    let text = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let map = text.split("\n## The map\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("it has a map");
    // A row can name a folder of several crates, such as `stacks`.
    let is_named =
        |folder: &String| Path::new(folder).ancestors().any(|it| map.contains(&format!("`{}`", it.display())));
    let folders = members().into_iter().map(|folder| if folder == "." { "src".to_owned() } else { folder });
    let missing: Vec<String> = folders.filter(|folder| !is_named(folder)).collect();
    assert!(missing.is_empty(), "README.md does not name {missing:?}");
}

/// Every row names an existing file and an item in it.
#[test]
fn pages_name_existing_files_and_items() {
    let text = fs::read_to_string(root().join(PAGE)).expect("the page is there");
    let part = text.split("\n## Where to find it\n").nth(1).expect("the page has the questions");
    let part = part.split("\n## ").next().unwrap_or_default();
    let rows: Vec<&str> =
        part.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| question")).collect();
    assert!(rows.len() >= 12, "{} questions", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, question, first, second, _] = cells[..] else { panic!("a row has three cells: {row}") };
        for step in [first, second] {
            let (file, item) = step.split_once(": ").unwrap_or_else(|| panic!("{question}: `{step}` names no item"));
            let file = file.trim_matches('`');
            let text = fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{question}: no `{file}`"));
            let item = item.trim_matches('`');
            assert!(text.contains(item), "{question}: `{file}` does not contain `{item}`");
        }
    }
}

#[test]
fn every_tool_of_the_tests_is_listed() {
    let folder = root().join("tests/tools");
    let page = fs::read_to_string(folder.join("README.md")).expect("the folder has a page");
    let names = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let all = files(&folder, &["py", "mjs", "yaml", "txt", "json"]);
    let unlisted: Vec<String> =
        all.iter().filter(|path| path.parent() == Some(&folder)).map(|path| names(path)).collect();
    let unlisted: Vec<String> = unlisted.into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(unlisted.is_empty(), "tests/tools/README.md does not list {unlisted:?}");
}
