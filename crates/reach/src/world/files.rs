//! The files of a platform, read from a folder.

use std::collections::{BTreeMap, HashSet};
use std::panic::resume_unwind;
use std::path::Path;
use std::{fs, thread};

use anyhow::{Context, Result};
use serde_json::Value;

use super::at::At;
use super::yaml;

/// The documents of a folder. A caller with documents in memory can fill the fields instead of calling [`Files::read`].
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The content of `manifest.json`; null for plain templates and manifests.
    pub manifest: Value,
    /// The content of `bindings.json`; null if missing.
    pub bindings: Value,
    /// The content of `graph.json`; null if missing.
    pub graph: Value,
    /// The documents of each file with their lines, by the path relative to the folder.
    pub documents: BTreeMap<String, Vec<(usize, Value)>>,
    /// Unreadable parts, with the reasons.
    pub unread: Vec<String>,
}

/// The minimum number of files per thread.
const FEW: usize = 64;

/// Folders that contain no deployed files.
const SKIPPED: [&str; 4] = [".git", "node_modules", "target", ".terraform"];

impl Files {
    /// Reads an assembly, or every template and manifest below a folder. The path can also be a single file.
    pub fn read(folder: &Path) -> Result<Self> {
        Self::read_but(folder, &[])
    }

    /// Reads files like [`Files::read`], but skips objects of some kinds if a manifest specifies the kinds of files.
    pub fn read_but(folder: &Path, kinds: &[&str]) -> Result<Self> {
        let mut files = Self::default();
        if folder.is_file() {
            let root = folder.parent().unwrap_or(folder);
            files.add_file(root, folder);
            return Ok(files);
        }
        let optional = |name: &str| -> Result<Value> {
            match fs::read_to_string(folder.join(name)) {
                Ok(text) => serde_json::from_str(&text).with_context(|| format!("`{name}` is not valid JSON")),
                Err(_) => Ok(Value::Null),
            }
        };
        let manifest = optional("manifest.json")?;
        if manifest["stacks"].is_array() && manifest["files"].is_array() {
            files.bindings = optional("bindings.json")?;
            files.graph = optional("graph.json")?;
            let left_out = of_kinds(&manifest, kinds);
            let listed = manifest["files"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let listed = listed.filter(|name| is_document(Path::new(name)) && !left_out.contains(name));
            files.add_all(folder, &listed.collect::<Vec<_>>());
            files.manifest = manifest;
            return Ok(files);
        }
        files.walk(folder, folder)?;
        Ok(files)
    }

    fn walk(&mut self, root: &Path, folder: &Path) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                // A link may lead to a parent folder.
                if path.is_symlink() {
                    self.unread.push(format!("{}: links to folders are not followed", shown(root, &path)));
                } else if !SKIPPED.contains(&name.as_str()) {
                    self.walk(root, &path)?;
                }
            } else if is_document(&path) {
                self.add_file(root, &path);
            }
        }
        Ok(())
    }

    /// Reads files in parallel, keeping their order.
    fn add_all(&mut self, folder: &Path, names: &[&str]) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let each = names.len().div_ceil(threads).max(FEW);
        let read = |names: &[&str]| {
            let mut files = Self::default();
            names.iter().for_each(|name| files.add_file(folder, &folder.join(name)));
            files
        };
        let parts = thread::scope(|scope| {
            let running: Vec<_> = names.chunks(each).map(|names| scope.spawn(move || read(names))).collect();
            let all = running.into_iter().map(|it| it.join().unwrap_or_else(|panic| resume_unwind(panic)));
            all.collect::<Vec<Self>>()
        });
        for part in parts {
            self.documents.extend(part.documents);
            self.unread.extend(part.unread);
        }
    }

    fn add_file(&mut self, root: &Path, path: &Path) {
        let name = shown(root, path);
        match fs::read_to_string(path) {
            Ok(text) => self.add_text(&name, &text),
            Err(error) => self.unread.push(format!("{name}: {error}")),
        }
    }

    /// Adds a file as text.
    pub fn add_text(&mut self, name: &str, text: &str) {
        let (documents, mut errors) = parse(name, text);
        errors.extend(documents.iter().flat_map(|(_, it)| loops(it)));
        self.unread.extend(errors.into_iter().map(|error| format!("{name}: {error}")));
        self.documents.insert(name.to_owned(), documents);
    }

    /// Adds parsed documents and returns their name, which is changed if it already exists.
    pub fn add(&mut self, name: &str, documents: Vec<(usize, Value)>) -> String {
        let errors = documents.iter().flat_map(|(_, it)| loops(it));
        self.unread.extend(errors.map(|error| format!("{name}: {error}")));
        let mut key = name.to_owned();
        while self.documents.contains_key(&key) {
            key.push('+');
        }
        self.documents.insert(key.clone(), documents);
        key
    }

    /// Returns the location of a document in a plain file.
    pub fn at(name: &str, line: usize) -> At {
        At::file(&format!("{name}:{line}"))
    }
}

/// Returns the files with objects of some kinds.
fn of_kinds<'a>(manifest: &'a Value, kinds: &[&str]) -> HashSet<&'a str> {
    let clusters = manifest["clusters"].as_array().into_iter().flatten();
    let objects = clusters.flat_map(|it| it["objects"].as_array().into_iter().flatten());
    let of_kind = objects.filter(|it| it["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)));
    of_kind.filter_map(|it| it["path"].as_str()).collect()
}

/// Returns a path relative to a folder.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn is_document(path: &Path) -> bool {
    let end = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    ["json", "yaml", "yml", "template"].contains(&end)
}

/// Returns a message for each unsupported part of a template that creates resources.
fn loops(document: &Value) -> Vec<String> {
    let keys = document["Resources"].as_object().into_iter().flatten().map(|(key, _)| key);
    let loops = keys.filter(|key| key.starts_with("Fn::ForEach::"));
    loops.map(|key| format!("the resources of `{key}` are not evaluated")).collect()
}

/// Parses the documents of a text with their first lines, and returns the errors of the rest.
fn parse(name: &str, text: &str) -> (Vec<(usize, Value)>, Vec<String>) {
    if name.ends_with(".json") || text.trim_start().starts_with('{') {
        return match serde_json::from_str(text) {
            Ok(value) => (vec![(1, value)], Vec::new()),
            Err(error) => (Vec::new(), vec![error.to_string()]),
        };
    }
    if let Some(value) = yaml::plain(text) {
        return (vec![(1, value)], Vec::new());
    }
    let mut documents = Vec::new();
    let mut errors = Vec::new();
    for (line, piece) in pieces(text) {
        let is_empty = piece.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        if is_empty {
            continue;
        }
        match yaml::plain(&piece).map_or_else(|| serde_yaml::from_str(&piece), Ok) {
            Ok(Value::Null) => {}
            Ok(value) => documents.push((line, value)),
            Err(error) => errors.push(format!("line {line}: {error}")),
        }
    }
    (documents, errors)
}

/// Splits a YAML stream into documents, each with its first line.
fn pieces(text: &str) -> Vec<(usize, String)> {
    let mut pieces = vec![(1, String::new())];
    for (at, line) in text.lines().enumerate() {
        if line == "---" || line.starts_with("--- ") || line.starts_with("---#") {
            pieces.push((at + 2, String::new()));
            continue;
        }
        if let Some((_, piece)) = pieces.last_mut() {
            piece.push_str(line);
            piece.push('\n');
        }
    }
    pieces
}
