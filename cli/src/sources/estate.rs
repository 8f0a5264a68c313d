//! What folders and files hold: stacks and objects, each with its file and the places of its parts.

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

/// How what is given is read.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The Kubernetes version that charts are rendered for.
    pub version: &'a str,
    /// The namespace that charts are rendered for.
    pub namespace: &'a str,
    /// How kustomizations and charts are rendered, where they are.
    pub render: Option<Render<'a>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { version: "1.36", namespace: "default", render: None }
    }
}

/// What others wrote.
#[derive(Debug, Default)]
pub struct Estate {
    /// The templates, in the order of their files.
    pub stacks: Vec<StackFile>,
    /// The objects, in the order of their files and of their places there.
    pub objects: Vec<ObjectFile>,
    /// What is left out, and why.
    pub skipped: Vec<Skipped>,
    /// What cannot be read: of what it holds nothing is known.
    pub unread: Vec<Unread>,
    /// Folders whose output is meant, and that were not rendered.
    pub unrendered: Unrendered,
    /// What cannot be rendered.
    pub failed: Vec<Diagnostic>,
    /// How many files were read.
    pub n_files: usize,
}

/// A template.
#[derive(Clone, Debug)]
pub struct StackFile {
    /// The name of the stack; that of the file where nothing tells.
    pub name: String,
    /// Whether something tells the name, such as the manifest of a cloud assembly.
    pub is_named: bool,
    /// Its account, where something tells it.
    pub account: Option<String>,
    /// Its region, where something tells it.
    pub region: Option<String>,
    /// Its path in the program of the AWS CDK; empty where there is none.
    pub path: String,
    /// The path of the file; [`Estate::path`] is that below what was given.
    pub file: String,
    /// The template; `document.place("Resources.Vpc")` is the place of a resource.
    pub document: Marked,
}

/// An object.
#[derive(Clone, Debug)]
pub struct ObjectFile {
    /// The path of the file.
    pub file: String,
    /// The file that the text was rendered from, where a tool tells.
    pub origin: Option<String>,
    /// The namespace of what names none, where what delivers the file says so.
    pub namespace: Option<String>,
    /// Whether a cluster listed it: the API server filled in what nobody wrote.
    pub is_listed: bool,
    /// The object; `document.line` is where it begins.
    pub document: Marked,
}

impl Estate {
    /// Reads a folder or a file. What cannot be read is in the result.
    ///
    /// # Errors
    ///
    /// If what is given does not exist, or a tool that is to render is not there.
    #[allow(dead_code, reason = "whoever needs no texts reads by this")]
    pub fn read(given: &Given, options: &Options<'_>) -> Result<Self> {
        let (mut estate, sources) = Self::texts(given, options)?;
        sources.iter().for_each(|source| estate.add(source));
        estate.leave_out_claims();
        Ok(estate)
    }

    /// The texts of what [`Estate::read`] reads, and an estate that lacks what they hold.
    ///
    /// # Errors
    ///
    /// As of [`Estate::read`].
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

    /// The numbers of the claims that stateful sets make.
    pub fn claims(&self) -> BTreeSet<usize> {
        let listed = self.objects.iter().enumerate().filter(|(_, it)| it.is_listed);
        claims::made(&listed.map(|(at, it)| (at, &it.document)).collect::<Vec<_>>())
    }

    /// Leaves out the claims that stateful sets make.
    fn leave_out_claims(&mut self) {
        let made = self.claims();
        for (at, object) in std::mem::take(&mut self.objects).into_iter().enumerate() {
            match made.contains(&at) {
                true => Skipped::new(&object.file, claims::WHY).add_to(&mut self.skipped),
                false => self.objects.push(object),
            }
        }
    }

    /// Adds what a file holds.
    pub fn add(&mut self, source: &Source) {
        let file = &source.name;
        let (documents, wrongs) = yaml::documents(&source.text);
        if !wrongs.is_empty()
            && let Some(why) = skipped::no_manifest(&source.text)
        {
            return self.skipped.push(Skipped::new(file, why));
        }
        self.n_files += 1;
        let not_utf8 = source.not_utf8.map(|(line, _)| format!("line {line}: a byte is not UTF-8"));
        let wrongs: Vec<String> = match comment(&source.text) {
            Some(line) if !wrongs.is_empty() => {
                vec![format!("line {line}: JSON has no comments: take it out, or write the file in YAML")]
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

    /// The path of a file below what was given.
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
    /// What it says, without what the API server filled in.
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

/// The first line of JSON that is a comment.
fn comment(text: &str) -> Option<usize> {
    let lines = || text.trim_start_matches('\u{feff}').lines().map(str::trim_start);
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with("/*");
    let is_json = lines().find(|line| !line.is_empty() && !is_comment(line))?.starts_with(['{', '[']);
    lines().position(is_comment).filter(|_| is_json).map(|at| at + 1)
}

/// The endings of file names that templates have.
const ENDINGS: [&str; 5] = [".json", ".yaml", ".yml", ".template", ".nested"];

/// The name of a file without what says that it is a template.
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
    fn a_template_is_called_after_its_file() {
        assert_eq!(stem("a/network.template.json"), "network");
        assert_eq!(stem("network.yaml"), "network");
        assert_eq!(stem("-"), "stdin");
    }
}
