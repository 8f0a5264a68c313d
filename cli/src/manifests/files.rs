//! The files that are meant by what is given on the command line.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
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
}

impl Source {
    fn new(name: String, bytes: Vec<u8>) -> Self {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        match String::from_utf8(bytes) {
            Ok(text) => Self { name, text, not_utf8: None },
            Err(error) => {
                let end = error.utf8_error().valid_up_to();
                let before = &error.as_bytes()[..end];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Self { name, text, not_utf8: Some((number(line), number(column))) }
            }
        }
    }
}

impl From<&PathBuf> for Given {
    fn from(path: &PathBuf) -> Self {
        if path.as_os_str() == "-" { Given::Stdin } else { Given::Path(path.clone()) }
    }
}

/// The files of what is given, those of a folder in the order of their names.
pub fn sources(given: &Given, skipped: &mut Vec<Skipped>) -> Result<Vec<Source>> {
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
    let mut out = Vec::new();
    match facts.is_dir() {
        true => folder(path, &mut out, skipped, &mut BTreeSet::new())?,
        false => out.push(source(path)?),
    }
    Ok(out)
}

/// What the file of a kustomization may be called.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The files and folders that a kustomization names: resources, patches, generators, transformers, whatever field they stand in.
fn parts_of(kustomization: &Path) -> Vec<PathBuf> {
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

/// `parts` are the files that kustomizations above are made of: patches and transformers are not what reaches a cluster.
fn folder(path: &Path, out: &mut Vec<Source>, skipped: &mut Vec<Skipped>, parts: &mut BTreeSet<PathBuf>) -> Result<()> {
    let cannot = || format!("cannot read the folder `{}`", path.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).with_context(cannot)? {
        entries.push(entry.with_context(cannot)?.path());
    }
    entries.sort();
    let has = |name: &str| path.join(name).is_file();
    if let Some(name) = KUSTOMIZATIONS.iter().find(|name| has(name)) {
        parts.extend(parts_of(&path.join(name)));
        let how = format!("kubectl kustomize {} | meshsynth check -", path.display());
        skipped.push(Skipped::new(path.display().to_string(), format!("a kustomization: check its output, `{how}`")));
        // What it is made of is not what goes to a cluster; a folder within it may be a kustomization of its own.
        entries.retain(|entry| entry.is_dir());
    }
    if has("Chart.yaml") {
        let how = format!("helm template {} | meshsynth check -", path.display());
        skipped.push(Skipped::new(path.display().to_string(), format!("a Helm chart: check its output, `{how}`")));
        return Ok(());
    }
    for entry in entries {
        let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_hidden = name.starts_with('.') || matches!(name.as_str(), "node_modules" | "target");
        let ending = entry.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let is_kustomization = KUSTOMIZATIONS.iter().any(|name| entry.join(name).is_file());
        match entry.is_dir() {
            _ if is_hidden => {}
            _ if parts.contains(&entry) && !is_kustomization => {}
            true => folder(&entry, out, skipped, parts)?,
            false if matches!(ending, "yaml" | "yml" | "json") => out.push(source(&entry)?),
            false => {}
        }
    }
    Ok(())
}
