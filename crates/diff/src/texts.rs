//! The unparsed files of an assembly. Only the file list is parsed.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use anyhow::Result;
use meshsynth_assembly::{self, MANIFEST};
use meshsynth_model::diag::{self, Diagnostic};

use crate::reader::{self, Reader};
use crate::text::Text;

/// The file of placeholders.
pub const BINDINGS: &str = "bindings.json";
const GRAPH: &str = "graph.json";
const DIAGNOSTICS: &str = "diagnostics.json";

/// An assembly in memory. Two assemblies share identical texts, which are compared by their memory location.
#[derive(Debug)]
pub struct Texts {
    /// Its name in reports.
    pub label: String,
    /// The name of the app, including its environment.
    pub app: String,
    /// `manifest.json`.
    pub manifest: Text,
    /// `bindings.json`.
    pub bindings: Text,
    /// `graph.json`. Empty if it does not exist, because it is not required for a comparison.
    pub graph: Text,
    /// `diagnostics.json`. Empty if it does not exist.
    pub diagnostics: Text,
    /// All other files, by path.
    pub files: BTreeMap<String, Text>,
}

/// Whether two folders contain the same assembly of an app. Texts are not kept, so this is faster than reading both.
pub fn are_same(base: &Path, head: &Path, app: &str) -> bool {
    let first = [MANIFEST, BINDINGS, DIAGNOSTICS].map(str::to_owned);
    let (is_same, outline) = thread::scope(|scope| {
        let is_same = scope.spawn(|| reader::are_same(base, head, &first));
        let outline = Reader::new(head).one(MANIFEST, None).and_then(|text| meshsynth_assembly::outline(&text));
        (is_same.join().expect("reading files never panics"), outline)
    });
    is_same && outline.is_ok_and(|outline| outline.app == app && reader::are_same(base, head, &outline.files))
}

/// Whether text files are identical in two folders. Texts are not kept. Unreadable files count as different.
pub fn have_same(base: &Path, head: &Path, paths: &[String]) -> bool {
    reader::are_same(base, head, paths)
}

impl Texts {
    /// Reads all files of an assembly, and shares identical texts with `like`.
    pub fn read(folder: &Path, label: String, like: Option<&Texts>) -> Result<Self> {
        let reader = Reader::new(folder);
        let one = |path, of: fn(&Texts) -> &Text| reader.one(path, like.map(of));
        thread::scope(|scope| {
            // These files are read while the manifest is parsed.
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

    /// Returns the recorded rule findings, or `None` if synthesis recorded none.
    pub fn findings(&self) -> Option<Vec<Diagnostic>> {
        let value = serde_json::from_str(&self.diagnostics).ok()?;
        diag::from_json(&value).ok()
    }

    /// Whether all deployed files are identical in both.
    pub fn is_like(&self, other: &Self) -> bool {
        self.manifest.is_one_with(&other.manifest)
            && self.bindings.is_one_with(&other.bindings)
            && self.files.len() == other.files.len()
            && self.files.values().zip(other.files.values()).all(|(one, other)| one.is_one_with(other))
    }
}
