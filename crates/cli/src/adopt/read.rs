//! Reads existing templates and manifests from files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth::val::Data;
use meshsynth_adopt as adopt;

use super::nested;
use super::stack_names;
use crate::yaml::Marked;
use meshsynth_check::sources::deployed;
use meshsynth_check::sources::render::Render;
use meshsynth_check::sources::{Estate, Given, ObjectFile, Options, StackFile};

/// The options to read sources.
pub struct How<'a> {
    /// The name of the app.
    pub app: &'a str,
    /// The region of stacks without a known region.
    pub region: &'a str,
    /// The name of the cluster.
    pub cluster: &'a str,
    /// The Kubernetes version of the cluster.
    pub version: &'a str,
    /// The namespace of objects that specify none.
    pub namespace: &'a str,
    /// Whether charts and kustomizations are rendered.
    pub render: bool,
}

/// The content of the sources.
#[derive(Default)]
pub struct AdoptionSources {
    /// The templates and objects to convert to a program.
    pub estate: adopt::Estate,
    /// The files and parts that cannot be read, with reasons.
    pub unread: Vec<adopt::Refusal>,
    /// Files without anything to adopt.
    pub skipped: Vec<String>,
    /// Templates without resources.
    pub empty: Vec<adopt::Refusal>,
    /// The number of resources in each template, by file.
    pub n_resources: BTreeMap<String, usize>,
}

impl AdoptionSources {
    /// Replaces the names of files.
    fn rename(&mut self, called: &dyn Fn(&str) -> Option<String>) {
        let templates =
            self.estate.templates.iter_mut().flat_map(|it| std::iter::once(&mut it.file).chain(it.nested.values_mut()));
        let objects = self.estate.objects.iter_mut().map(|it| &mut it.file);
        let others = self.unread.iter_mut().map(|it| &mut it.file);
        for file in templates.chain(objects).chain(others) {
            if let Some(name) = called(file) {
                *file = name;
            }
        }
        let counted = std::mem::take(&mut self.n_resources);
        self.n_resources = counted.into_iter().map(|(file, n)| (called(&file).unwrap_or(file), n)).collect();
    }
}

/// Reads files and folders.
///
/// # Errors
///
/// If a source or a required rendering tool is missing.
pub fn read(sources: &[PathBuf], how: &How<'_>) -> Result<AdoptionSources> {
    let mut found = AdoptionSources::default();
    found.estate.app = how.app.to_owned();
    found.estate.cluster = how.cluster.to_owned();
    found.estate.version = how.version.to_owned();
    let mut texts = Texts::default();
    for source in sources {
        let render = how.render.then_some(Render { values: &[] });
        let options = Options { version: how.version, namespace: how.namespace, render };
        let estate = Estate::read(&Given::Path(source.clone()), &options)?;
        for stack in &estate.stacks {
            let resources = stack.document.get("Resources");
            if resources
                .is_none_or(|it| matches!(it.literal(), Data::Map(bag) if bag.is_empty()) || it.literal() == Data::Null)
            {
                found.skipped.push(format!("{}: a template without resources", stack.file));
                let why = "it has no resources".to_owned();
                found.empty.push(adopt::Refusal { file: stack.file.clone(), line: 0, why });
                continue;
            }
            found.estate.templates.push(template(stack, source, how, &mut texts));
        }
        for object in &estate.objects {
            found.estate.objects.push(object_of(object, how, &mut texts));
        }
        for unread in estate.unread {
            let file = unread.path.display().to_string();
            found.unread.push(adopt::Refusal { file, line: 0, why: format!("cannot be read: {}", unread.why) });
        }
        for failed in estate.failed {
            let (file, line) = failed.place.map_or_else(Default::default, |place| (place.file.to_string(), place.line));
            found.unread.push(adopt::Refusal { file, line, why: failed.message });
        }
        let unrendered = [
            (estate.unrendered.kustomizations, "a kustomization: `--render` adopts its output"),
            (estate.unrendered.charts, "a Helm chart: `--render` adopts its output"),
        ];
        for (folders, why) in unrendered {
            let refusal = |it: PathBuf| adopt::Refusal { file: it.display().to_string(), line: 0, why: why.to_owned() };
            found.unread.extend(folders.into_iter().map(refusal));
        }
        found.skipped.extend(estate.skipped.into_iter().map(|it| format!("{}: {}", it.path, it.shown())));
    }
    for template in &found.estate.templates {
        let resources = template.data.at("Resources").and_then(Data::as_map);
        found.n_resources.insert(template.file.clone(), resources.map_or(0, |it| it.len()));
    }
    found.unread.extend(nested::link(&mut found.estate.templates, sources));
    for source in sources {
        found.rename(&|file| deployed::called(source, file));
    }
    stack_names::distinguish(&mut found.estate.templates);
    Ok(found)
}

fn template(stack: &StackFile, source: &Path, how: &How<'_>, texts: &mut Texts) -> adopt::Template {
    let lines = texts.lines(&stack.file);
    let mut comments = BTreeMap::new();
    for section in ["Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs"] {
        for (id, _) in stack.document.get(section).into_iter().flat_map(Marked::entries) {
            let path = format!("{section}.{id}");
            let above = above(lines, stack.document.place(&path).0);
            if !above.is_empty() {
                comments.insert(path, above);
            }
        }
    }
    let resources = stack.document.get("Resources").into_iter().flat_map(Marked::entries);
    let lines = resources.map(|(id, _)| (id.to_owned(), stack.document.place(&format!("Resources.{id}")).0)).collect();
    adopt::Template {
        stack: stack.name.clone(),
        account: stack.account.clone(),
        region: stack.region.clone().unwrap_or_else(|| how.region.to_owned()),
        file: stack.file.clone(),
        label: label(&stack.file, source),
        is_nested: false,
        nested: BTreeMap::new(),
        data: stack.document.literal(),
        lines,
        comments,
    }
}

fn object_of(object: &ObjectFile, how: &How<'_>, texts: &mut Texts) -> adopt::Object {
    let line = object.document.line;
    let lines = if object.origin.is_some() { &[][..] } else { texts.lines(&object.file) };
    adopt::Object {
        file: object.origin.clone().unwrap_or_else(|| object.file.clone()),
        line,
        namespace: object.namespace.clone().unwrap_or_else(|| how.namespace.to_owned()),
        data: object.written(),
        comments: above(lines, line),
    }
}

/// Returns the path of a file below the folder of its source, for comments in the program.
fn label(file: &str, source: &Path) -> String {
    let path = Path::new(file);
    let below = path.strip_prefix(source).ok().filter(|it| it.components().next().is_some());
    let name = || path.file_name().map(Path::new).unwrap_or(path);
    below.unwrap_or_else(name).display().to_string()
}

/// The lines of files, to find comments.
#[derive(Default)]
struct Texts(BTreeMap<String, Vec<String>>);

impl Texts {
    fn lines(&mut self, file: &str) -> &[String] {
        let read = || {
            // JSON has no comments, and rendered manifests are not files.
            let is_yaml = Path::new(file).extension().is_some_and(|ending| ending != "json");
            let text = if is_yaml { fs::read_to_string(file).unwrap_or_default() } else { String::new() };
            text.lines().map(str::to_owned).collect()
        };
        self.0.entry(file.to_owned()).or_insert_with(read)
    }
}

/// Returns the comments directly above a line.
fn above(lines: &[String], line: u32) -> Vec<String> {
    let end = (line as usize).saturating_sub(1).min(lines.len());
    let comments = lines[..end].iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with('#'));
    let mut found: Vec<String> = comments
        .map(|line| line.trim_start_matches('#').trim().to_owned())
        .filter(|line| !line.is_empty() && line.chars().any(char::is_alphanumeric))
        .collect();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn reads_comments_directly_above() {
        let lines: Vec<String> = ["# far", "", "# near", "  # nearer", "Vpc:"].map(str::to_owned).to_vec();
        assert_eq!(above(&lines, 5), ["near", "nearer"]);
        assert_eq!(above(&lines, 1), [""; 0]);
        assert_eq!(above(&[], 9), [""; 0]);
    }
}
