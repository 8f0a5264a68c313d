//! Reads the output of `synth` from disk. Every command except `synth` uses this crate.
//!
//! [`Assembly`] reads a folder and checks that it is complete and has a known format. [`Manifest`] is its
//! `manifest.json` and [`graph`] its `graph.json`. [`deployed`] is a folder with the state of AWS and clusters.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use meshsynth_model::FORMAT_VERSION;
use meshsynth_model::diag::{self, Diagnostic};
use meshsynth_model::problem::Problem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

pub mod deployed;
mod files;
pub mod graph;
mod manifest;
mod names;
mod owners;

pub use manifest::{Cluster, Exception, Manifest, NestedStack, Object, ReachRule, Release, Resource, Rule, Stack};

pub use files::{LARGEST_FILE, no_follow, read_text};
pub use names::{check, check_name};
pub use owners::{NeededBy, OwnerTask};

/// The file that lists all other files.
pub const MANIFEST: &str = "manifest.json";
const DIAGNOSTICS: &str = "diagnostics.json";
/// The file that a program writes instead of an assembly if the assembly did not change.
const UNCHANGED: &str = ".unchanged";
/// The files that the manifest does not list.
const DESCRIBING: [&str; 4] = [MANIFEST, "bindings.json", "graph.json", DIAGNOSTICS];

/// A platform on disk.
#[derive(Debug)]
pub struct Assembly {
    /// The contents of `manifest.json`.
    pub manifest: Manifest,
    /// The diagnostics of synthesis.
    pub diagnostics: Vec<Diagnostic>,
    /// The tasks for the owners of existing resources.
    pub owner_tasks: Vec<OwnerTask>,
    /// The size of each file in bytes, by path relative to the folder.
    pub files: BTreeMap<String, u64>,
}

impl Assembly {
    /// Reads an assembly, and checks that it is complete and has a supported format.
    pub fn read(folder: &Path) -> Result<Self> {
        let manifest = read_manifest(folder)?;
        let diagnostics = read_diagnostics(folder)?;
        let mut files = BTreeMap::new();
        for path in manifest.files.iter().map(String::as_str).chain(DESCRIBING) {
            files.insert(path.to_owned(), size(folder, path)?);
        }
        let owner_tasks = owners::read(folder, &manifest)?;
        Ok(Self { manifest, diagnostics, owner_tasks, files })
    }

    /// Returns the total size of all files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.values().sum()
    }
}

/// Reads the manifest of a folder, in the current format or an older one.
pub fn read_manifest(folder: &Path) -> Result<Manifest> {
    let text = read(folder, MANIFEST)?;
    match parse_manifest(&text) {
        Ok(manifest) => check_version(manifest.format_version).map(|()| manifest),
        // If the format is newer, the version is the error to report.
        Err(error) => outline(&text).and(Err(error)),
    }
}

/// Parses `manifest.json` of a supported version.
pub fn parse_manifest(text: &str) -> Result<Manifest> {
    let manifest: Manifest =
        serde_json::from_str(text).with_context(|| format!("`{MANIFEST}` does not match format {FORMAT_VERSION}"))?;
    let files: HashSet<&str> = manifest.files.iter().map(String::as_str).collect();
    check(&manifest)?;
    if let Some(path) = manifest.named_files().find(|path| !files.contains(path)) {
        bail!("`{MANIFEST}` refers to `{path}`, which is missing from its list of files");
    }
    Ok(manifest)
}

/// The first fields to read from a manifest.
#[derive(Deserialize)]
pub struct Outline {
    #[serde(default)]
    format_version: Option<u64>,
    /// The name of the app, including its environment.
    #[serde(default)]
    pub app: String,
    /// Templates, manifests and values, by path relative to the folder.
    #[serde(default)]
    pub files: Vec<String>,
}

/// Reads the first fields of a manifest, in the current format or an older one.
pub fn outline(text: &str) -> Result<Outline> {
    let outline: Outline = serde_json::from_str(text).with_context(|| format!("`{MANIFEST}` is not valid JSON"))?;
    check_version(outline.format_version)?;
    Ok(outline)
}

/// Reads the diagnostics of a folder, whether synthesis succeeded or not.
pub fn read_diagnostics(folder: &Path) -> Result<Vec<Diagnostic>> {
    let text = read(folder, DIAGNOSTICS)?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("`{DIAGNOSTICS}` is not valid JSON"))?;
    diag::from_json(&value).with_context(|| format!("`{DIAGNOSTICS}` is not a list of diagnostics"))
}

/// Whether a program reports that its assembly equals the assembly to replace.
pub fn is_unchanged(folder: &Path) -> bool {
    folder.join(UNCHANGED).exists()
}

/// Whether a folder contains diagnostics.
pub fn has_diagnostics(folder: &Path) -> bool {
    folder.join(DIAGNOSTICS).exists()
}

/// Whether a folder contains an assembly, in any format.
pub fn is_assembly(folder: &Path) -> bool {
    /// The fields that exist in every format.
    #[derive(Deserialize)]
    #[allow(dead_code, reason = "the test requires them")]
    struct Sign {
        format_version: u64,
        app: String,
        files: Vec<IgnoredAny>,
    }
    let manifest = folder.join(MANIFEST);
    // Reading a named pipe may never end.
    let text = if manifest.is_file() { fs::read_to_string(manifest).unwrap_or_default() } else { String::new() };
    serde_json::from_str::<Sign>(&text).is_ok()
}

/// Whether a folder contains other files of an assembly, but no valid `manifest.json`.
pub fn is_incomplete(folder: &Path) -> bool {
    let [_, bindings, graph, diagnostics] = DESCRIBING.map(|name| folder.join(name).is_file());
    bindings && (graph || diagnostics) && !is_assembly(folder)
}

/// Checks that the format is supported. All formats up to the current one are supported.
///
/// If a format adds a field, this crate gives the field a default. If a format changes a field, this crate converts it
/// to the newest form.
/// `tests/fixtures/format-1` is an example of format 1.
fn check_version(version: Option<u64>) -> Result<()> {
    match version {
        Some(version) if (1..=u64::from(FORMAT_VERSION)).contains(&version) => Ok(()),
        Some(version) => {
            let text = format!(
                "`{MANIFEST}` has format {version}, but this meshsynth version reads formats up to {FORMAT_VERSION}"
            );
            Err(Problem::setting(text)
                .help("the command line is older than the output: update the command line")
                .into())
        }
        None => bail!("`{MANIFEST}` has no `format_version`"),
    }
}

/// Checks that a manifest path stays below its folder.
pub fn check_inside(path: &str) -> Result<()> {
    if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
        bail!("`{MANIFEST}` lists `{path}`, which is outside its folder");
    }
    Ok(())
}

fn size(folder: &Path, path: &str) -> Result<u64> {
    check_inside(path)?;
    let full: PathBuf = folder.join(path);
    match fs::symlink_metadata(&full) {
        Ok(metadata) if metadata.is_file() => Ok(metadata.len()),
        Ok(_) => bail!("`{path}` is not a file"),
        Err(error) => Err(error).with_context(|| format!("cannot find `{path}`")),
    }
}

fn read(folder: &Path, name: &str) -> Result<String> {
    read_text(folder, name)
}
