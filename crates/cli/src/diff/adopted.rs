//! Compares existing files with the output of an adopted program.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth_diff::Diff;
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::texts::Texts;

use super::foreign::{self, Folder, Platform, Taken, Template};
use meshsynth_check::sources::deployed;

/// Compares files with an assembly. `is_left_out` returns for a file and a line whether the item that begins there was
/// not adopted; the line is 0 for a template.
///
/// # Errors
///
/// If a source is missing, or the assembly cannot be read.
pub fn compare(
    sources: &[PathBuf],
    assembly: &Path,
    taken: &Taken,
    app: &str,
    is_left_out: &dyn Fn(&str, u32) -> bool,
) -> Result<Diff> {
    let mut base = Platform::empty("the existing resources".to_owned());
    for source in sources {
        let folder = Folder::read(source, &source.display().to_string(), String::new(), taken)?;
        let mut read = Platform::of(folder, taken, &HashSet::new());
        let place = |file: &str| {
            let path = if source.is_dir() { source.join(file) } else { source.clone() };
            let path = path.display().to_string();
            deployed::called(source, &path).unwrap_or(path)
        };
        read.templates.retain(|it| !is_left_out(&place(&it.file), 0));
        let line = |source: &str| source.rsplit(':').nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
        read.objects.retain(|it| !is_left_out(&place(&it.file), line(&it.source)));
        base.templates.extend(read.templates);
        base.objects.extend(read.objects);
    }
    let label = "the program".to_owned();
    let head = Texts::read(assembly, label.clone(), None).and_then(Side::new);
    let mut head = Platform::of_assembly(&head.map_err(|error| unreadable(&label, &error))?, assembly);
    // Metadata of the AWS CDK is removed from both sides.
    head.templates.iter_mut().for_each(Template::clean);
    foreign::compare(base, head, app, &[])
}
