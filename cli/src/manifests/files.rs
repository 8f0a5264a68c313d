//! The files that are meant by what is given on the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth::Env;
use meshsynth::val::Data;
use meshsynth_assembly::problem::Problem;

use super::skipped::Skipped;
use crate::yaml;

/// What the command line names.
#[derive(Clone, Debug)]
pub enum Given {
    /// A folder or a file.
    Path(PathBuf),
    /// What is piped in, by the name `-`.
    Stdin,
}

/// The text of a file and what it is called.
pub struct Source {
    /// Its path, as the command line began it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The line and the column of the first byte that is not UTF-8, where there is one.
    pub not_utf8: Option<(u32, u32)>,
    /// The stack that it is the template of, where something says so.
    pub stack: Option<StackOf>,
    /// The namespace of objects that name none, where what delivers the file says so.
    pub namespace: Option<String>,
    /// Where the text is rendered from, where it is.
    pub rendered: Option<Rendered>,
}

/// What a text is rendered from.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The folder of the kustomization or of the chart.
    pub folder: PathBuf,
    /// The files that parts of the text come from, by the line where the part begins; none where the tool does not tell.
    pub origins: BTreeMap<u32, String>,
}

/// What a stack is called, and where it is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackOf {
    /// Its name.
    pub name: String,
    /// Its account and its region.
    pub env: Env,
}

impl Source {
    pub(super) fn new(name: String, bytes: Vec<u8>) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (text, not_utf8) = match String::from_utf8(bytes) {
            Ok(text) => (without_tabs(text), None),
            Err(error) => {
                let end = error.utf8_error().valid_up_to();
                let before = &error.as_bytes()[..end];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Some((number(line), number(column))))
            }
        };
        Self { name, text, not_utf8, stack: None, namespace: None, rendered: None }
    }
}

/// JSON may be indented with tabs, which YAML does not take. In its texts there are none.
fn without_tabs(text: String) -> String {
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    if is_json && text.contains('\t') { text.replace('\t', " ") } else { text }
}

impl From<&PathBuf> for Given {
    fn from(path: &PathBuf) -> Self {
        if path.as_os_str() == "-" { Given::Stdin } else { Given::Path(path.clone()) }
    }
}

/// Folders whose files are not what reaches a cluster, in the order of their names.
#[derive(Debug, Default)]
pub struct Unrendered {
    /// Folders with a kustomization.
    pub kustomizations: Vec<PathBuf>,
    /// Folders with a Helm chart.
    pub charts: Vec<PathBuf>,
}

impl Unrendered {
    /// Says for each kind what is left out, and the command that takes it in.
    pub fn skipped(&self, given: &Given) -> Vec<Skipped> {
        let Given::Path(given) = given else { return Vec::new() };
        let told = |folders: &[PathBuf], kind: &str| {
            let first = folders.first()?.display().to_string();
            let path = match folders.len() - 1 {
                0 => first,
                1 => format!("{first} and another folder"),
                n_more => format!("{first} and {n_more} other folders"),
            };
            let how = format!("meshsynth check --render {}", given.display());
            Some(Skipped::new(path, format!("{kind}: `{how}` checks its output")))
        };
        let kinds = [(&self.kustomizations, "a kustomization"), (&self.charts, "a Helm chart")];
        kinds.into_iter().filter_map(|(folders, kind)| told(folders, kind)).collect()
    }
}

/// The files of what is given, those of a folder in the order of their names.
pub fn sources(given: &Given, unrendered: &mut Unrendered) -> Result<Vec<Source>> {
    let path = match given {
        Given::Path(path) => path,
        Given::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("cannot read what is piped in")?;
            return Ok(vec![Source::new("-".to_owned(), bytes)]);
        }
    };
    let facts = fs::metadata(path).map_err(|error| {
        Problem::setting(format!("cannot read `{}`: {error}", path.display()))
            .help("give folders or files of manifests")
    })?;
    if !facts.is_dir() {
        return Ok(vec![source(path)?]);
    }
    let seen = BTreeSet::from_iter(path.canonicalize().ok());
    let mut walk = Walk { out: Vec::new(), unrendered, parts: BTreeSet::new(), seen };
    walk.folder(path)?;
    Ok(walk.out)
}

/// What the file of a kustomization may be called.
pub const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a folder has a kustomization.
pub fn is_kustomization(folder: &Path) -> bool {
    KUSTOMIZATIONS.iter().any(|name| folder.join(name).is_file())
}

/// The files and folders that a kustomization names: resources, patches, generators, transformers, whatever field they stand in.
pub fn parts_of(kustomization: &Path) -> Vec<PathBuf> {
    fn texts(data: &Data, out: &mut Vec<String>) {
        match data {
            // A file of a generator may be written as `key=path`.
            Data::Text(text) => out.push(text.rsplit('=').next().unwrap_or_default().to_owned()),
            Data::List(items) => items.iter().for_each(|item| texts(item, out)),
            Data::Map(bag) => bag.iter().for_each(|(_, value)| texts(value, out)),
            _ => {}
        }
    }
    let Ok(text) = fs::read_to_string(kustomization) else { return Vec::new() };
    let mut names = Vec::new();
    yaml::documents(&text).0.iter().for_each(|document| texts(&document.data(), &mut names));
    let folder = kustomization.parent().unwrap_or(Path::new(""));
    let is_name = |name: &&String| !name.is_empty() && !name.contains('\n') && *name != ".";
    let paths =
        names.iter().filter(is_name).map(|name| folder.join(name.trim_start_matches("./").trim_end_matches('/')));
    paths.filter(|path| path.exists()).collect()
}

/// The text of one file.
pub fn source(path: &Path) -> Result<Source> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Source::new(path.display().to_string(), bytes))
}

/// A walk over the files of a folder.
struct Walk<'a> {
    out: Vec<Source>,
    unrendered: &'a mut Unrendered,
    /// The files that kustomizations above are made of: patches and transformers are not what reaches a cluster.
    parts: BTreeSet<PathBuf>,
    /// The folders that were read, as they are without links: a link may lead to one of them again.
    seen: BTreeSet<PathBuf>,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path) -> Result<()> {
        let cannot = || format!("cannot read the folder `{}`", path.display());
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).with_context(cannot)? {
            entries.push(entry.with_context(cannot)?.path());
        }
        entries.sort();
        let has = |name: &str| path.join(name).is_file();
        let kustomization = KUSTOMIZATIONS.iter().find(|name| has(name));
        if let Some(name) = kustomization {
            self.parts.extend(parts_of(&path.join(name)));
            self.unrendered.kustomizations.push(path.to_owned());
            // What it is made of is not what goes to a cluster; a folder within it may be a kustomization of its own.
            entries.retain(|entry| entry.is_dir());
        }
        if has("Chart.yaml") {
            self.unrendered.charts.push(path.to_owned());
            return Ok(());
        }
        for entry in entries {
            let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_hidden = name.starts_with('.') || matches!(name.as_str(), "node_modules" | "target");
            let ending = entry.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let is_kustomization = is_kustomization(&entry);
            match entry.is_dir() {
                _ if is_hidden => {}
                _ if self.parts.contains(&entry) && !is_kustomization => {}
                // Patches that nobody names any more are patches still.
                true if kustomization.is_some()
                    && matches!(name.as_str(), "patch" | "patches")
                    && !is_kustomization => {}
                true => {
                    let is_new = entry.canonicalize().map_or(true, |folder| self.seen.insert(folder));
                    if is_new {
                        self.folder(&entry)?;
                    }
                }
                // A pipe or a socket would have it wait.
                false if entry.exists() && !entry.is_file() => {}
                false if matches!(ending, "yaml" | "yml" | "json") => self.out.push(source(&entry)?),
                // Templates of CloudFormation, among files of other tools that are called so.
                false if ending == "template" => {
                    self.out.extend(Some(source(&entry)?).filter(|it| it.text.contains("AWSTemplateFormatVersion")));
                }
                false => {}
            }
        }
        Ok(())
    }
}
