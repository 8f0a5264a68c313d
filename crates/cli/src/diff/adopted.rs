//! Compares existing files with the output of an adopted program.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth_diff::Diff;
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::texts::Texts;

use super::foreign::{self, Folder, Platform, Taken, Template};
use meshsynth_check::sources::deployed;

/// Compares files with an assembly. `nested` contains the path of each nested stack in the program, with the file of
/// its template. `is_left_out` returns for a file and a line whether the item that begins there was
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
    nested: &[(String, String)],
    is_left_out: &dyn Fn(&str, u32) -> bool,
) -> Result<Diff> {
    let mut places: Vec<String> = Vec::new();
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
        places.extend(read.templates.iter().map(|it| place(&it.file)));
        base.templates.extend(read.templates);
        base.objects.extend(read.objects);
    }
    let label = "the program".to_owned();
    let head = Texts::read(assembly, label.clone(), None).and_then(Side::new);
    let mut head = Platform::of_assembly(&head.map_err(|error| unreadable(&label, &error))?, assembly);
    // Metadata of the AWS CDK is removed from both sides.
    head.templates.iter_mut().for_each(Template::clean);
    base.templates = with_nested(base.templates, &places, &head.templates, nested);
    foreign::compare(base, head, app, &[])
}

/// Replaces the template of a nested stack by one for each nested stack that deploys it, with the ID of the stack.
/// `places` are the paths of the files.
fn with_nested(
    base: Vec<Template>,
    places: &[String],
    head: &[Template],
    nested: &[(String, String)],
) -> Vec<Template> {
    let mut all = Vec::new();
    for (template, place) in base.into_iter().zip(places) {
        let stacks: Vec<&str> =
            nested.iter().filter(|(_, file)| file == place).map(|(path, _)| path.as_str()).collect();
        for own in head.iter().filter(|it| stacks.contains(&it.id.as_str())) {
            let (id, name, is_named) = (own.id.clone(), own.name.clone(), own.is_named);
            all.push(Template { id, name, is_named, ..template.clone() });
        }
        if stacks.is_empty() {
            all.push(template);
        }
    }
    all
}
