//! The files of an assembly as they are written; nothing is parsed but the list of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use anyhow::Result;
use meshsynth::diag::{self, Diagnostic};
use meshsynth_assembly::{self, MANIFEST};

use crate::reader::{self, Reader};
use crate::text::Text;

/// The file of placeholders.
pub const BINDINGS: &str = "bindings.json";
const GRAPH: &str = "graph.json";
const DIAGNOSTICS: &str = "diagnostics.json";

/// An assembly in memory. What two of them have in common is there once, and known to be the same by its place.
#[derive(Debug)]
pub struct Texts {
    /// What it is, for people.
    pub label: String,
    /// The name of the app, its environment included.
    pub app: String,
    /// `manifest.json`.
    pub manifest: Text,
    /// `bindings.json`.
    pub bindings: Text,
    /// Empty where nothing tells: an assembly without a picture still compares.
    pub graph: Text,
    /// What synthesis had to say; empty where nothing recorded it.
    pub diagnostics: Text,
    /// All other files, by path.
    pub files: BTreeMap<String, Text>,
}

/// Whether two folders hold the same assembly of an app. Nothing is kept, so it takes less time than to read them.
pub fn are_same(base: &Path, head: &Path, app: &str) -> bool {
    let first = [MANIFEST, BINDINGS, DIAGNOSTICS].map(str::to_owned);
    let (is_same, outline) = thread::scope(|scope| {
        let is_same = scope.spawn(|| reader::are_same(base, head, &first));
        let outline = Reader::new(head).one(MANIFEST, None).and_then(|text| meshsynth_assembly::outline(&text));
        (is_same.join().expect("reading files never panics"), outline)
    });
    is_same && outline.is_ok_and(|outline| outline.app == app && reader::are_same(base, head, &outline.files))
}

/// Whether files are the same in two folders, byte by byte, and are text. Nothing is kept, and what cannot be read is not the same.
pub fn have_same(base: &Path, head: &Path, paths: &[String]) -> bool {
    reader::are_same(base, head, paths)
}

impl Texts {
    /// Reads an assembly with everything that its manifest lists, beside another one that it may be like.
    pub fn read(folder: &Path, label: String, like: Option<&Texts>) -> Result<Self> {
        let reader = Reader::new(folder);
        let one = |path, of: fn(&Texts) -> &Text| reader.one(path, like.map(of));
        thread::scope(|scope| {
            // Read while the manifest is parsed.
            let others = scope.spawn(|| {
                (one(BINDINGS, |it| &it.bindings), one(GRAPH, |it| &it.graph), one(DIAGNOSTICS, |it| &it.diagnostics))
            });
            let manifest = one(MANIFEST, |it| &it.manifest)?;
            let (app, paths): (_, Vec<_>) = match like.filter(|it| it.manifest.is_one_with(&manifest)) {
                Some(like) => (like.app.clone(), like.files.keys().cloned().collect()),
                None => {
                    let outline = meshsynth_assembly::outline(&manifest)?;
                    (outline.app, outline.files)
                }
            };
            let files = reader.all(&paths, &|path| like.and_then(|it| it.files.get(path)))?;
            let (bindings, graph, diagnostics) = others.join().expect("reading files never panics");
            let (bindings, graph, diagnostics) =
                (bindings?, graph.unwrap_or_default(), diagnostics.unwrap_or_default());
            let files = paths.into_iter().zip(files).collect();
            Ok(Self { label, app, manifest, bindings, graph, diagnostics, files })
        })
    }

    /// What synthesis recorded of findings; none where nothing did.
    pub fn findings(&self) -> Option<Vec<Diagnostic>> {
        let value = serde_json::from_str(&self.diagnostics).ok()?;
        diag::from_json(&value).ok()
    }

    /// Whether all that is deployed is the same in both, byte by byte.
    pub fn is_like(&self, other: &Self) -> bool {
        self.manifest.is_one_with(&other.manifest)
            && self.bindings.is_one_with(&other.bindings)
            && self.files.len() == other.files.len()
            && self.files.values().zip(other.files.values()).all(|(one, other)| one.is_one_with(other))
    }
}
