//! The files that are meant by what is given on the command line.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_assembly::problem::Problem;

use super::skipped::Skipped;

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
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read what is piped in")?;
            return Ok(vec![Source { name: "-".to_owned(), text }]);
        }
    };
    let facts = fs::metadata(path).map_err(|error| {
        Problem::setting(format!("cannot read `{}`: {error}", path.display()))
            .help("give folders or files of manifests")
    })?;
    let mut out = Vec::new();
    match facts.is_dir() {
        true => folder(path, &mut out, skipped)?,
        false => out.push(source(path)?),
    }
    Ok(out)
}

/// The text of one file.
pub fn source(path: &Path) -> Result<Source> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Source { name: path.display().to_string(), text: String::from_utf8_lossy(&bytes).into_owned() })
}

fn folder(path: &Path, out: &mut Vec<Source>, skipped: &mut Vec<Skipped>) -> Result<()> {
    let cannot = || format!("cannot read the folder `{}`", path.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).with_context(cannot)? {
        entries.push(entry.with_context(cannot)?.path());
    }
    entries.sort();
    let has = |name: &str| path.join(name).is_file();
    if ["kustomization.yaml", "kustomization.yml", "Kustomization"].iter().any(|name| has(name)) {
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
        match entry.is_dir() {
            _ if is_hidden => {}
            true => folder(&entry, out, skipped)?,
            false if matches!(ending, "yaml" | "yml" | "json") => out.push(source(&entry)?),
            false => {}
        }
    }
    Ok(())
}
