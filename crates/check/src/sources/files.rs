//! Finds the files of the command line arguments.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use meshsynth::val::Data;
use meshsynth_model::problem::Problem;

use super::cdk;
use super::deployed;
use super::sam;
use super::skipped::Skipped;
use super::source::{Given, Source, source};
use crate::yaml;

/// The files of the command line arguments.
#[derive(Debug, Default)]
pub struct Files {
    /// The files; those of a folder are sorted by name.
    pub sources: Vec<Source>,
    /// Folders that must be rendered instead of read.
    pub unrendered: Unrendered,
    /// Unreadable files and folders.
    pub unread: Vec<Unread>,
    /// Files of other tools that are skipped.
    pub skipped: Vec<Skipped>,
}

/// An unreadable file or folder, whose content is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its path.
    pub path: PathBuf,
    /// The reason.
    pub why: String,
}

/// Folders whose files must be rendered before they are applied, sorted by name.
#[derive(Debug, Default)]
pub struct Unrendered {
    /// Folders with a kustomization.
    pub kustomizations: Vec<PathBuf>,
    /// Folders with a Helm chart.
    pub charts: Vec<PathBuf>,
}

impl Unrendered {
    /// Returns for each kind the skipped folders, and the command that includes them.
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
            Some(Skipped::new(path, format!("{kind}: check its output with `{how}`")))
        };
        let kinds = [(&self.kustomizations, "a kustomization"), (&self.charts, "a Helm chart")];
        kinds.into_iter().filter_map(|(folders, kind)| told(folders, kind)).collect()
    }
}

/// Returns the files of the input.
///
/// # Errors
///
/// If the input does not exist. The result contains unreadable files below a folder.
pub fn sources(given: &Given) -> Result<Files> {
    let path = match given {
        Given::Path(path) => path,
        Given::Stdin => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).context("cannot read stdin")?;
            return Ok(Files { sources: vec![Source::new("-".to_owned(), bytes)], ..Files::default() });
        }
    };
    let facts = fs::metadata(path).map_err(|error| {
        Problem::setting(format!("cannot read `{}`: {error}", path.display()))
            .help("specify folders or files of manifests")
    })?;
    // Standard input may be a pipe, but another pipe blocks until a process writes to it.
    let is_stdin = || ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|it| path.starts_with(it));
    if !facts.is_dir() && !facts.is_file() && !is_stdin() {
        return Err(Problem::setting(format!("`{}` is neither a file nor a folder", path.display()))
            .help("specify folders or files of manifests, or `-` for stdin")
            .into());
    }
    let mut walk = Walk { out: Files::default(), parts: BTreeSet::new(), seen: BTreeSet::new() };
    match facts.is_dir() {
        true => {
            walk.seen.extend(path.canonicalize().ok());
            walk.folder(path);
        }
        false => walk.file(path, |_| true),
    }
    Ok(walk.out)
}

/// The file names of kustomizations.
pub const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a folder has a kustomization.
pub fn is_kustomization(folder: &Path) -> bool {
    KUSTOMIZATIONS.iter().any(|name| folder.join(name).is_file())
}

/// Returns the files and folders that any field of a kustomization refers to: resources, patches, generators and
/// transformers.
pub fn parts_of(kustomization: &Path) -> Vec<PathBuf> {
    fn texts(data: &Data, out: &mut Vec<String>) {
        match data {
            // A generator may specify a file as `key=path`.
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

/// Whether a text may be a CloudFormation template, independent of its file name.
fn is_template(text: &str) -> bool {
    let has_type = || text.contains("Resources") && text.contains("AWS::");
    text.contains("AWSTemplateFormatVersion") || has_type()
}

/// An entry of a folder.
struct Entry {
    path: PathBuf,
    is: Is,
}

/// The type of a path after following links.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    File,
    Folder,
    /// A pipe or a socket.
    Other,
    /// A broken link.
    Nothing,
}

impl Entry {
    /// Only links need another system call, which saves time for thousands of files.
    fn of(entry: &fs::DirEntry) -> Self {
        let path = entry.path();
        let own = entry.file_type().ok().filter(|it| !it.is_symlink());
        let is = match own.or_else(|| fs::metadata(&path).ok().map(|it| it.file_type())) {
            Some(is) if is.is_dir() => Is::Folder,
            Some(is) if is.is_file() => Is::File,
            Some(_) => Is::Other,
            None => Is::Nothing,
        };
        Self { path, is }
    }
}

/// A walk over the files of a folder.
struct Walk {
    out: Files,
    /// The files that kustomizations refer to. Patches and transformers are not applied to a cluster.
    parts: BTreeSet<PathBuf>,
    /// The visited folders without links, because a link may lead to one of them again.
    seen: BTreeSet<PathBuf>,
}

impl Walk {
    fn unread(&mut self, path: &Path, why: &(impl std::fmt::Display + ?Sized)) {
        self.out.unread.push(Unread { path: path.to_owned(), why: why.to_string() });
    }

    fn file(&mut self, path: &Path, is_meant: impl Fn(&Source) -> bool) {
        match source(path) {
            Ok(source) => self.out.sources.extend(Some(source).filter(is_meant)),
            // A broken link exists, but its target does not.
            Err(error) => match fs::read_link(path) {
                Ok(to) => self.unread(
                    path,
                    &format!("the link to `{}` cannot be followed: {}", to.display(), error.root_cause()),
                ),
                Err(_) => self.unread(path, error.root_cause()),
            },
        }
    }

    fn folder(&mut self, path: &Path) {
        let entries: io::Result<Vec<_>> =
            fs::read_dir(path).and_then(|all| all.map(|it| Ok(Entry::of(&it?))).collect());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unread(path, &error),
        };
        let is_here = |name: &str| entries.iter().any(|it| it.is == Is::File && it.path.ends_with(name));
        let (is_chart, kustomization) = (is_here("Chart.yaml"), KUSTOMIZATIONS.iter().find(|name| is_here(name)));
        // The output of CloudFormation tools has its own reader.
        let deployed = deployed::sources(path);
        let is_whole = deployed.is_some() || cdk::is_assembly(path) || sam::is_built(path);
        if let Some(found) = deployed.or_else(|| cdk::templates(path)).or_else(|| sam::templates(path)) {
            for template in found {
                match template {
                    Ok(source) => self.out.sources.push(source),
                    Err((file, error)) => self.unread(&file, error.root_cause()),
                }
            }
            if is_whole {
                return;
            }
            entries.retain(|entry| entry.is == Is::Folder);
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        if let Some(name) = kustomization {
            self.parts.extend(parts_of(&path.join(name)));
            self.out.unrendered.kustomizations.push(path.to_owned());
            // The files of a chart or kustomization are not applied directly, but an inner folder may be a separate
            // kustomization.
            entries.retain(|entry| entry.is == Is::Folder);
        }
        if is_chart {
            self.out.unrendered.charts.push(path.to_owned());
            return;
        }
        if entries.iter().any(|entry| entry.path.extension().is_some_and(|ending| ending == "tf")) {
            let why = "Terraform is not analyzed: use `terraform plan` to show changes";
            self.out.skipped.push(Skipped::new(path.display().to_string(), why));
        }
        for Entry { path: entry, is } in entries {
            let name = entry.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_hidden = name.starts_with('.') || matches!(name.as_str(), "node_modules" | "target");
            let ending = entry.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let is_kustomization = is == Is::Folder && is_kustomization(&entry);
            match is == Is::Folder {
                _ if is_hidden => {}
                _ if self.parts.contains(&entry) && !is_kustomization => {}
                // Unreferenced patches of a kustomization are skipped too.
                true if kustomization.is_some()
                    && matches!(name.as_str(), "patch" | "patches")
                    && !is_kustomization => {}
                true => {
                    let is_new = entry.canonicalize().map_or(true, |folder| self.seen.insert(folder));
                    if is_new {
                        self.folder(&entry);
                    }
                }
                false if matches!(ending, "yaml" | "yml" | "json") => self.file(&entry, |_| true),
                // A named pipe or a socket is skipped, because reading it may block.
                false if is == Is::Other => {}
                // Other tools use these suffixes too, so only CloudFormation templates are read.
                false if matches!(ending, "template" | "txt") => self.file(&entry, |it| is_template(&it.text)),
                false => {}
            }
        }
    }
}
