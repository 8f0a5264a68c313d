//! The content of folders and files: stacks and objects, with their files and positions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use meshsynth::diag::Diagnostic;
use meshsynth::val::Data;
use meshsynth_diff::lean;

use super::claims;
use super::files::{self, Files, Unread, Unrendered};
use super::made;
use super::part::{Part, lacks, parts};
use super::render::{self, Render};
use super::skipped::{self, Skipped};
use super::source::{Given, Source};
use crate::yaml::{self, Marked};

/// The options to read folders and files.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The Kubernetes version for which charts are rendered.
    pub version: &'a str,
    /// The namespace for which charts are rendered.
    pub namespace: &'a str,
    /// The options to render kustomizations and charts.
    pub render: Option<Render<'a>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { version: "1.36", namespace: "default", render: None }
    }
}

/// The content of existing files.
#[derive(Debug, Default)]
pub struct Estate {
    /// The templates, in the order of their files.
    pub stacks: Vec<StackFile>,
    /// The objects, in the order of their files and positions.
    pub objects: Vec<ObjectFile>,
    /// Skipped files and documents, with reasons.
    pub skipped: Vec<Skipped>,
    /// Unreadable files, whose content is unknown.
    pub unread: Vec<Unread>,
    /// Folders that must be rendered, but were not.
    pub unrendered: Unrendered,
    /// Errors of rendering.
    pub failed: Vec<Diagnostic>,
    /// The number of files that were read.
    pub n_files: usize,
}

/// A template.
#[derive(Clone, Debug)]
pub struct StackFile {
    /// The name of the stack, or that of the file if the stack name is unknown.
    pub name: String,
    /// Whether the stack name is known, for example from the manifest of a cloud assembly.
    pub is_named: bool,
    /// The account, if it is known.
    pub account: Option<String>,
    /// The region, if it is known.
    pub region: Option<String>,
    /// The path of the stack in an AWS CDK program; empty for other templates.
    pub path: String,
    /// The path of the file. [`Estate::path`] returns it relative to the input.
    pub file: String,
    /// The template; `document.place("Resources.Vpc")` is the position of a resource.
    pub document: Marked,
}

/// An object.
#[derive(Clone, Debug)]
pub struct ObjectFile {
    /// The path of the file.
    pub file: String,
    /// The file that the text was rendered from, if the tool reports it.
    pub origin: Option<String>,
    /// The default namespace of the file, if the delivery tool specifies one.
    pub namespace: Option<String>,
    /// Whether the object comes from a cluster, with fields that the API server added.
    pub is_listed: bool,
    /// The object; `document.line` is its first line.
    pub document: Marked,
}

impl Estate {
    /// Reads a folder or a file. The result contains the errors of unreadable files.
    ///
    /// # Errors
    ///
    /// If the input does not exist, or a required rendering tool is missing.
    #[allow(dead_code, reason = "this reader does not need texts")]
    pub fn read(given: &Given, options: &Options<'_>) -> Result<Self> {
        let (mut estate, sources) = Self::texts(given, options)?;
        sources.iter().for_each(|source| estate.add(source));
        estate.leave_out_claims();
        Ok(estate)
    }

    /// Returns the texts that [`Estate::read`] parses, and an estate without their content.
    ///
    /// # Errors
    ///
    /// The errors of [`Estate::read`].
    pub fn texts(given: &Given, options: &Options<'_>) -> Result<(Self, Vec<Source>)> {
        let Files { mut sources, unrendered, unread, skipped } = files::sources(given)?;
        let mut estate = Self { unread, skipped, ..Self::default() };
        match (options.render, given) {
            (Some(render), Given::Path(folder)) => {
                let namespace = |_: &Path| options.namespace.to_owned();
                let cluster = render::Cluster { version: options.version, namespace: &namespace };
                estate.failed = render::render(folder, &unrendered, &mut sources, render, cluster)?;
            }
            _ => estate.unrendered = unrendered,
        }
        Ok((estate, sources))
    }

    /// Returns the indices of the claims that stateful sets create.
    pub fn claims(&self) -> BTreeSet<usize> {
        let listed = self.objects.iter().enumerate().filter(|(_, it)| it.is_listed);
        claims::made(&listed.map(|(at, it)| (at, &it.document)).collect::<Vec<_>>())
    }

    /// Skips the claims that stateful sets create.
    fn leave_out_claims(&mut self) {
        let made = self.claims();
        for (at, object) in std::mem::take(&mut self.objects).into_iter().enumerate() {
            match made.contains(&at) {
                true => Skipped::new(&object.file, claims::WHY).add_to(&mut self.skipped),
                false => self.objects.push(object),
            }
        }
    }

    /// Adds the content of a file.
    pub fn add(&mut self, source: &Source) {
        let file = &source.name;
        let (documents, wrongs) = yaml::documents(&source.text);
        if !wrongs.is_empty()
            && let Some(why) = skipped::no_manifest(&source.text)
        {
            return self.skipped.push(Skipped::new(file, why));
        }
        self.n_files += 1;
        let not_utf8 = source.not_utf8.map(|(line, _)| format!("line {line}: invalid UTF-8"));
        let wrongs: Vec<String> = match comment(&source.text) {
            Some(line) if !wrongs.is_empty() => {
                vec![format!(
                    "line {line}: JSON does not support comments: remove the comment, or write the file in YAML"
                )]
            }
            _ => wrongs.iter().map(|it| format!("line {}: {}", it.line, it.message)).collect(),
        };
        self.unread.extend(not_utf8.into_iter().chain(wrongs).map(|why| Unread { path: PathBuf::from(file), why }));
        for part in documents.into_iter().flat_map(|it| parts(it, source)) {
            match part {
                Part::Template(document) => self.stacks.push(StackFile::new(source, document)),
                Part::Object(document) => match lacks(&document) {
                    None => self.objects.push(ObjectFile::new(source, document)),
                    Some(what) => self.skipped.push(Skipped::new(file, format!("not a manifest: it has no `{what}`"))),
                },
                Part::Skipped(why) => Skipped::new(file, why).add_to(&mut self.skipped),
            }
        }
    }

    /// Returns the path of a file relative to the input.
    pub fn path<'p>(given: &Path, file: &'p str) -> &'p str {
        let rest = Path::new(file).strip_prefix(given).ok().and_then(Path::to_str).filter(|rest| !rest.is_empty());
        rest.unwrap_or_else(|| Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or(file))
    }
}

impl StackFile {
    fn new(source: &Source, document: Marked) -> Self {
        let stack = source.stack.as_ref();
        Self {
            name: stack.map_or_else(|| stem(&source.name), |stack| stack.name.clone()),
            is_named: stack.is_some(),
            account: stack.and_then(|stack| stack.env.account.clone()),
            region: stack.filter(|stack| stack.is_region_known).map(|stack| stack.env.region.clone()),
            path: stack.map(|stack| stack.path.clone()).unwrap_or_default(),
            file: source.name.clone(),
            document,
        }
    }
}

impl ObjectFile {
    /// Returns the content without fields that the API server added.
    pub fn written(&self) -> Data {
        let data = self.document.written();
        if self.is_listed { lean(&data) } else { data }
    }

    fn new(source: &Source, document: Marked) -> Self {
        let origins = source.rendered.as_ref().map(|it| &it.origins);
        let origin = origins.and_then(|all| all.range(..=document.line).next_back()).map(|(_, file)| file.clone());
        let is_listed = !source.is_by_name && made::is_live(&document);
        Self { file: source.name.clone(), origin, namespace: source.namespace.clone(), is_listed, document }
    }
}

/// Returns the first comment line in JSON.
fn comment(text: &str) -> Option<usize> {
    let lines = || text.trim_start_matches('\u{feff}').lines().map(str::trim_start);
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with("/*");
    let is_json = lines().find(|line| !line.is_empty() && !is_comment(line))?.starts_with(['{', '[']);
    lines().position(is_comment).filter(|_| is_json).map(|at| at + 1)
}

/// The file name suffixes of templates.
const ENDINGS: [&str; 5] = [".json", ".yaml", ".yml", ".template", ".nested"];

/// Returns the name of a file without template suffixes.
pub fn stem(file: &str) -> String {
    let name = Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut stem = name.as_str();
    while let Some(rest) = ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)).filter(|rest| !rest.is_empty()) {
        stem = rest;
    }
    if stem == "-" { "stdin".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn names_template_after_file() {
        assert_eq!(stem("a/network.template.json"), "network");
        assert_eq!(stem("network.yaml"), "network");
        assert_eq!(stem("-"), "stdin");
    }
}
