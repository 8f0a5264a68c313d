//! Two folders with the same files. Nothing is kept of them, so it takes less time than to read them.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, thread};

use meshsynth_assembly::deployed::INDEX;
use meshsynth_diff::texts;

use crate::sources::files::KUSTOMIZATIONS;

/// Files that say how the others are read.
const OF_TOOLS: [&str; 3] = ["Chart.yaml", INDEX, "manifest.json"];

/// Whether two folders have the same manifests and templates, byte by byte, and nothing that says how they are read.
pub fn are_alike(base: &Path, head: &Path) -> bool {
    let (old, new) = thread::scope(|scope| {
        let old = scope.spawn(|| files(base));
        let new = files(head);
        (old.join().expect("listing folders never panics"), new)
    });
    matches!((old, new), (Some(old), Some(new)) if old == new && texts::have_same(base, head, &new))
}

/// The paths of what may be a manifest or a template below a folder; none where there is nothing, or a link, or a file that says how
/// the others are read.
fn files(folder: &Path) -> Option<Vec<String>> {
    let mut found = Vec::new();
    walk(folder, "", &mut found)?;
    let is_source = |path: &String| !matches!(ending(path), "template" | "txt");
    found.iter().any(is_source).then(|| {
        found.sort_unstable();
        found
    })
}

fn walk(folder: &Path, below: &str, found: &mut Vec<String>) -> Option<()> {
    for entry in fs::read_dir(folder).ok()? {
        let entry = entry.ok()?;
        let (name, is) = (entry.file_name().into_string().ok()?, entry.file_type().ok()?);
        let is_of_a_tool = OF_TOOLS.contains(&name.as_str()) || KUSTOMIZATIONS.contains(&name.as_str());
        match name.as_str() {
            ".aws-sam" => return None,
            "node_modules" | "target" => {}
            name if name.starts_with('.') => {}
            name if is.is_dir() => walk(&entry.path(), &format!("{below}{name}/"), found)?,
            _ if !is.is_file() || is_of_a_tool => return None,
            name => match ending(name) {
                "tf" => return None,
                "json" | "template" | "txt" | "yaml" | "yml" => found.push(format!("{below}{name}")),
                _ => {}
            },
        }
    }
    Some(())
}

fn ending(path: &str) -> &str {
    Path::new(path).extension().and_then(OsStr::to_str).unwrap_or_default()
}
