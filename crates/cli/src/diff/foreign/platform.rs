//! The content of a folder, as one side of a comparison.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use meshsynth_assembly::{Cluster, Release};
use meshsynth_diff::side::Side;
use serde_json::{Value, json};

use super::assets::Assets;
use super::object::{self, Context, Document, Object};
use super::pieces::pieces;
use super::template::Template;
use crate::config::{Join, StackName};
use crate::yaml;
use meshsynth_check::sources::render::Render;
use meshsynth_check::sources::{Estate, Given, Options, Skipped, Source, claims};

/// The options to read folders.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Clusters and the folders below the given one with their objects.
    pub clusters: Vec<(String, String)>,
    /// The namespace of objects that specify none.
    pub namespace: String,
    /// The Kubernetes version for which charts are rendered.
    pub version: String,
    /// Files with values for every chart; `None` if charts are not rendered.
    pub render: Option<Vec<PathBuf>>,
    /// Stack outputs that are inputs of another system.
    pub joins: Vec<Join>,
    /// The stack names of templates, if no other source specifies them.
    pub stack_names: Vec<StackName>,
}

/// The cluster of objects that are in no cluster folder.
pub const CLUSTER: &str = "cluster";

/// The content of a folder.
#[derive(Debug, Default)]
pub struct Platform {
    /// The label in reports.
    pub label: String,
    /// The path of the folder; empty for an empty platform.
    pub root: PathBuf,
    /// Its templates.
    pub templates: Vec<Template>,
    /// Its objects.
    pub objects: Vec<Object>,
    /// The Helm releases of an assembly, by cluster, with their values.
    pub releases: Vec<(String, Release, Value)>,
    /// The properties of clusters.
    pub clusters: Vec<Cluster>,
    /// Placeholders and the outputs that fill them.
    pub bindings: Value,
    /// The graph of an assembly.
    pub graph: String,
    /// Files and folders that cannot be fully read, by path below the folder, with reasons.
    pub unread: BTreeMap<String, Vec<String>>,
    /// Files that are not deployed, by path below the folder, with reasons.
    pub skipped: BTreeMap<String, String>,
    /// The assets of code and images.
    pub assets: Assets,
    /// Whether AWS SAM expands a template.
    pub is_serverless: bool,
    /// The macros of templates, without the known macros of AWS.
    pub macros: BTreeSet<String>,
}

/// A folder whose files are read but not parsed.
pub struct Folder {
    root: PathBuf,
    place: String,
    label: String,
    estate: Estate,
    sources: Vec<Source>,
}

impl Folder {
    /// Reads a folder or a file; `place` is its label in reports.
    ///
    /// # Errors
    ///
    /// If the folder or a required rendering tool is missing.
    pub fn read(root: &Path, place: &str, label: String, taken: &Taken) -> Result<Self> {
        let render = taken.render.as_ref().map(|values| Render { values });
        let options = Options { version: &taken.version, namespace: &taken.namespace, render };
        let (estate, sources) = Estate::texts(&Given::Path(root.to_owned()), &options)?;
        Ok(Self { root: root.to_owned(), place: place.to_owned(), label, estate, sources })
    }

    /// Whether both folders contain the same texts and no other relevant files; `same` are the equal files. A SAM build
    /// is never equal, because its assets are separate files.
    pub fn is_like(&self, other: &Self, same: &HashSet<String>) -> bool {
        let is_whole = |it: &Self| {
            let unrendered = &it.estate.unrendered;
            let is_sam = it.sources.iter().any(|source| source.name.contains(".aws-sam"));
            let is_told = it.estate.skipped.is_empty() && it.estate.failed.is_empty();
            let is_read = it.estate.unread.is_empty() && is_told && !is_sam;
            is_read && unrendered.kustomizations.is_empty() && unrendered.charts.is_empty()
        };
        self.sources.len() == same.len() && other.sources.len() == same.len() && is_whole(self) && is_whole(other)
    }

    /// Whether the folder contains no file to compare.
    pub fn is_empty(&self) -> bool {
        let Estate { unrendered, unread, failed, skipped, .. } = &self.estate;
        let is_rendered = unrendered.kustomizations.is_empty() && unrendered.charts.is_empty();
        self.sources.is_empty() && is_rendered && unread.is_empty() && failed.is_empty() && skipped.is_empty()
    }

    /// Whether a path exists below the folder.
    pub fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// Returns the label in reports.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the files that are equal in both folders, by path below the folder.
    pub fn same(&self, other: &Self) -> HashSet<String> {
        let path = |folder: &Self, source: &Source| Estate::path(&folder.root, &source.name).to_owned();
        let texts: HashMap<String, &str> = other.sources.iter().map(|it| (path(other, it), it.text.as_str())).collect();
        // Invalid UTF-8 is excluded: the bytes can differ even if the decoded texts are equal.
        let own = self.sources.iter().filter(|it| it.not_utf8.is_none());
        let own = own.map(|it| (path(self, it), it.text.as_str()));
        own.filter(|(path, text)| texts.get(path) == Some(text)).map(|(path, _)| path).collect()
    }
}

impl Platform {
    /// Creates an empty platform.
    pub fn empty(label: String) -> Self {
        Self { label, bindings: json!({}), ..Self::default() }
    }

    /// Parses a folder. For the files in `same`, which are equal on the other side, only the identities of their
    /// objects are read.
    pub fn of(folder: Folder, taken: &Taken, same: &HashSet<String>) -> Self {
        let Folder { root, place, label, mut estate, sources } = folder;
        let root = root.as_path();
        let mut platform = Self { root: root.to_owned(), ..Self::empty(label) };
        let is_folder = root.is_dir();
        let shown = |file: &str| match (is_folder, place.as_str()) {
            (true, "" | ".") => file.to_owned(),
            (true, place) => format!("{}/{file}", place.trim_end_matches('/')),
            (false, place) => place.to_owned(),
        };
        let below = |file: &str| Estate::path(root, file).to_owned();
        // Unparsed objects, and the positions at which they are inserted to keep the order of the files.
        let mut unparsed = Vec::new();
        let mut places = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let is_same = source.rendered.is_none() && source.stack.is_none() && same.contains(&below(&source.name));
            let file = below(&source.name);
            if is_same && let Some(template) = Template::same(&source.text, &shown(&file), file) {
                estate.n_files += 1;
                platform.expanded_by(&template.document);
                platform.templates.push(template);
                continue;
            }
            match pieces(&source.text).filter(|_| is_same) {
                Some(found) => unparsed.push((at, &source.name, found)),
                None => {
                    estate.add(source);
                    places.resize(estate.objects.len(), at);
                }
            }
        }
        for stack in &estate.stacks {
            let file = below(&stack.file);
            let mut template = Template::new(stack, &shown(&file), file);
            platform.assets.add(Path::new(&stack.file), &mut template.document);
            platform.expanded_by(&template.document);
            platform.templates.push(template);
        }
        let definitions =
            estate.objects.iter().filter(|it| it.document.text("kind") == Some("CustomResourceDefinition"));
        let own_kinds =
            definitions.filter_map(|it| object::cluster_kind(&yaml::json(&it.document.literal()))).collect();
        let context = Arc::new(Context { namespace: taken.namespace.clone(), own_kinds });
        let mut objects = Vec::new();
        let made = estate.claims();
        for (number, (found, at)) in estate.objects.iter().zip(places).enumerate() {
            if made.contains(&number) {
                Skipped::new(&found.file, claims::WHY).add_to(&mut estate.skipped);
                continue;
            }
            let file = below(&found.file);
            let (line, column) = (found.document.line, found.document.column);
            let source = match &found.origin {
                Some(origin) => format!("{}:1:1", shown(Estate::path(root, origin))),
                None => format!("{}:{line}:{column}", shown(&file)),
            };
            objects.push((at, Object::new(found, source, file, &context)));
        }
        for (at, name, found) in unparsed {
            let file = below(name);
            let place = shown(&file);
            objects.extend(found.iter().map(|piece| (at, Object::unread(piece, &place, &file, &context))));
        }
        objects.sort_by_key(|(at, _)| *at);
        for (_, mut object) in objects {
            object.cluster = cluster_of(&object.file, &taken.clusters);
            platform.objects.push(object);
        }
        for unread in &estate.unread {
            let file = unread.path.display().to_string();
            platform.leave_out(Estate::path(root, &file), unread.why.clone());
        }
        for failed in &estate.failed {
            let file = failed.place.as_ref().map(|place| place.file.clone()).unwrap_or_default();
            let folder = Path::new(&file).parent().unwrap_or(root).display().to_string();
            platform.leave_out(Estate::path(root, &folder), failed.message.clone());
        }
        let kinds = [(&estate.unrendered.kustomizations, "kustomization"), (&estate.unrendered.charts, "Helm chart")];
        for (folders, kind) in kinds {
            for folder in folders {
                let why = format!("a {kind}: use `--render` to render it");
                let below = folder.strip_prefix(root).map(|it| it.display().to_string()).unwrap_or_default();
                platform.leave_out(&below, why);
            }
        }
        for skipped in estate.skipped {
            let whys = platform.skipped.entry(Estate::path(root, &skipped.path).to_owned()).or_default();
            *whys += if whys.is_empty() { "" } else { "; " };
            *whys += &skipped.shown();
        }
        platform
    }

    /// Records the transforms that expand a template at deployment.
    fn expanded_by(&mut self, document: &Value) {
        for name in transforms(document) {
            match name {
                "AWS::LanguageExtensions" => {}
                name if name.starts_with("AWS::Serverless") => self.is_serverless = true,
                name => drop(self.macros.insert(name.to_owned())),
            }
        }
    }

    /// Converts an assembly.
    pub fn of_assembly(side: &Side, root: &Path) -> Self {
        let mut platform = Self { root: root.to_owned(), ..Self::empty(side.label.clone()) };
        for stack in &side.manifest.stacks {
            let template = Template::of_assembly(stack, side.document(&stack.template).clone());
            platform.templates.push(template);
        }
        for cluster in &side.manifest.clusters {
            for row in &cluster.objects {
                let mut document = side.document(&row.path).clone();
                object::clean(&mut document);
                platform.objects.push(Object {
                    key: object::key(&document),
                    cluster: cluster.id.clone(),
                    file: row.path.clone(),
                    source: row.source.clone(),
                    construct: row.construct.clone(),
                    document: Document::Known(document),
                });
            }
            let release = |it: &Release| (cluster.id.clone(), it.clone(), side.document(&it.values).clone());
            platform.releases.extend(cluster.releases.iter().map(release));
            let (objects, releases) = (Vec::new(), Vec::new());
            platform.clusters.push(Cluster { objects, releases, ..cluster.clone() });
        }
        (platform.bindings, platform.graph) = (side.bindings.clone(), side.graph.to_string());
        platform
    }

    pub fn leave_out(&mut self, file: &str, why: String) {
        self.unread.entry(file.to_owned()).or_default().push(why);
    }

    /// Returns the bytes of a file, or of all files in a folder. Returns `None` if they cannot be read.
    pub fn bytes(&self, file: &str) -> Option<Vec<u8>> {
        let path = if self.root.is_dir() { self.root.join(file) } else { self.root.clone() };
        if !path.is_dir() {
            // For a broken link, return its target path instead of a content.
            let to = || Some(fs::read_link(&path).ok()?.as_os_str().as_encoded_bytes().to_vec());
            return fs::read(&path).ok().or_else(|| if path.exists() { None } else { to() });
        }
        let mut all = Vec::new();
        let mut entries: Vec<PathBuf> = fs::read_dir(&path).ok()?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries {
            let below = entry.strip_prefix(&self.root).ok()?.to_str()?.to_owned();
            all.extend(below.as_bytes());
            all.extend(self.bytes(&below)?);
        }
        Some(all)
    }
}

/// Returns the cluster of a file: the one with the longest matching folder.
fn cluster_of(file: &str, clusters: &[(String, String)]) -> String {
    let above = clusters.iter().filter(|(_, folder)| Path::new(file).starts_with(folder));
    above.max_by_key(|(_, folder)| folder.len()).map_or_else(|| CLUSTER.to_owned(), |(name, _)| name.clone())
}

/// Returns the names of the transforms of a template.
fn transforms(document: &Value) -> Vec<&str> {
    let items = match &document["Transform"] {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    items.iter().filter_map(|it| it.as_str().or_else(|| it["Name"].as_str())).collect()
}
