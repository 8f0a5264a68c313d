//! Test helpers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a text with `snapshots/<folder>/<name>.snap`.
#[track_caller]
pub fn snapshot(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Compares the files of a platform with those below `snapshots/<name>`, byte by byte, and returns the differences.
///
/// With `UPDATE_SNAPSHOTS=1` it writes them instead.
pub fn output(name: &str, files: &BTreeMap<String, String>) -> Vec<String> {
    compare(&root().join("snapshots").join(name), files, std::env::var_os("UPDATE_SNAPSHOTS").is_some())
}

fn compare(folder: &Path, files: &BTreeMap<String, String>, is_update: bool) -> Vec<String> {
    let kept = if folder.is_dir() { all_files(folder) } else { Vec::new() };
    let surplus = kept.into_iter().filter(|path| {
        let name = path.strip_prefix(folder).ok().and_then(Path::to_str).map(|name| name.replace('\\', "/"));
        name.is_none_or(|name| !files.contains_key(&name))
    });
    let mut wrong = Vec::new();
    for path in surplus {
        match is_update {
            true => fs::remove_file(&path).expect("a snapshot can be removed"),
            false => wrong.push(format!("{} is no longer written", path.display())),
        }
    }
    for (name, text) in files {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(kept) if kept == text.as_bytes() => {}
            _ if is_update => {
                fs::create_dir_all(path.parent().unwrap_or(folder)).expect("a folder can be made");
                fs::write(&path, text).expect("a snapshot can be written");
            }
            Ok(kept) => {
                let kept = String::from_utf8_lossy(&kept).into_owned();
                let same = kept.lines().zip(text.lines()).take_while(|(old, new)| old == new).count();
                let [old, new] = [&kept, text].map(|text| text.lines().nth(same).unwrap_or("(its end)"));
                wrong.push(format!("{}:{}: `{old}` is now `{new}`", path.display(), same + 1));
            }
            Err(_) => wrong.push(format!("{} is new", path.display())),
        }
    }
    wrong
}

/// Returns the 64-bit FNV-1a hash of a text, which is the same on every machine.
pub fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns every file below a folder, sorted.
pub fn all_files(folder: &Path) -> Vec<PathBuf> {
    walk(folder, &|_| true)
}

/// Returns every file below a folder with one of the extensions, sorted.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    walk(folder, &|path| extensions.iter().any(|it| path.extension().is_some_and(|ext| ext == *it)))
}

fn walk(folder: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is readable").flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false if is_wanted(&path) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

#[test]
fn reports_and_updates_changed_missing_and_obsolete_snapshots() {
    let folder = std::env::temp_dir().join(format!("meshsynth-snapshots-{}", std::process::id()));
    let files = |texts: &[(&str, &str)]| {
        texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>()
    };
    assert!(compare(&folder, &files(&[("a.json", "1\n2\n"), ("k8s/b.yaml", "x\n")]), true).is_empty());
    let now = files(&[("a.json", "1\n3\n"), ("c.json", "y\n")]);
    let told = compare(&folder, &now, false);
    let told: Vec<&str> = told.iter().map(|it| it.rsplit('/').next().unwrap_or_default()).collect();
    assert_eq!(told, ["b.yaml is no longer written", "a.json:2: `2` is now `3`", "c.json is new"]);
    assert!(compare(&folder, &now, true).is_empty() && compare(&folder, &now, false).is_empty());
    fs::remove_dir_all(&folder).expect("it can be removed");
}
