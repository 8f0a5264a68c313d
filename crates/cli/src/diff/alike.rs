//! A quick check whether two folders have the same files. It keeps no content, so it is faster than reading both sides.

use std::ffi::OsStr;
use std::path::Path;
use std::{fs, thread};

use meshsynth_assembly::deployed::INDEX;
use meshsynth_diff::texts;

use meshsynth_check::sources::files::KUSTOMIZATIONS;

/// Files that change how the other files are read.
const OF_TOOLS: [&str; 3] = ["Chart.yaml", INDEX, "manifest.json"];

/// Whether two folders have identical manifests and templates, and no file that changes how they are read.
pub fn are_alike(base: &Path, head: &Path) -> bool {
    let (old, new) = thread::scope(|scope| {
        let old = scope.spawn(|| files(base));
        let new = files(head);
        (old.join().expect("listing folders never panics"), new)
    });
    matches!((old, new), (Some(old), Some(new)) if old == new && texts::have_same(base, head, &new))
}

/// Returns the paths of possible manifests and templates below a folder. Returns `None` if the folder is empty, or has
/// a link or a file that changes how the others are read.
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
