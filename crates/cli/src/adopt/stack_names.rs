//! Names of stacks whose templates specify none: the file name, with the folder name if several files share it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use meshsynth_adopt::Template;

use meshsynth_check::sources::stem;

/// Generic names of template files; the folder name is more specific.
const PLAIN: [&str; 7] = ["cloudformation", "index", "main", "packaged", "sam", "stack", "template"];

/// Renames templates with the same stack name, because two files are two stacks.
pub fn distinguish(templates: &mut [Template]) {
    let mut n_files: BTreeMap<String, usize> = BTreeMap::new();
    for template in &*templates {
        *n_files.entry(template.stack.clone()).or_default() += 1;
    }
    let mut given = BTreeSet::new();
    for template in templates {
        if n_files[&template.stack] > 1 && stem(&template.file) == template.stack {
            template.stack = in_folder(&template.file, &template.stack);
        }
        let (name, mut number) = (template.stack.clone(), 1);
        while !given.insert(template.stack.clone()) {
            number += 1;
            template.stack = format!("{name}-{number}");
        }
    }
}

/// Returns `orders` for `orders/template.yaml`, and `orders-queue` for `orders/queue.yaml`.
fn in_folder(file: &str, name: &str) -> String {
    let folder = Path::new(file).parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    // A stack name contains letters, digits and `-`, and begins with a letter.
    let folder = folder.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let folder = folder.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).trim_end_matches('-');
    match (folder, PLAIN.contains(&name.to_lowercase().as_str())) {
        ("", _) => name.to_owned(),
        (folder, true) => folder.to_owned(),
        (folder, false) => format!("{folder}-{name}"),
    }
}
