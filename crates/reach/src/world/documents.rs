//! The documents of a platform. Each manifest row takes the documents of its file.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

/// Documents by the path of their file, with their lines.
type Files = BTreeMap<String, Vec<(usize, Value)>>;

/// The documents of a platform.
pub(super) struct Documents<'a> {
    /// All remaining documents.
    pub all: &'a mut Files,
    /// Files that several rows refer to. Each row receives a copy.
    shared: HashSet<&'a str>,
}

impl<'a> Documents<'a> {
    /// Prepares the documents of a manifest.
    pub fn new(manifest: &'a Value, all: &'a mut Files) -> Self {
        let rows = |value: &'a Value| value.as_array().into_iter().flatten();
        let stacks = rows(&manifest["stacks"]).map(|it| &it["template"]);
        let clusters = rows(&manifest["clusters"]);
        let objects = clusters.flat_map(|it| {
            rows(&it["objects"]).map(|it| &it["path"]).chain(rows(&it["releases"]).map(|it| &it["values"]))
        });
        let mut known = HashSet::new();
        let paths = stacks.chain(objects).filter_map(Value::as_str);
        let shared = paths.filter(|it| !known.insert(*it)).collect();
        Self { all, shared }
    }

    /// Returns the documents of a file for one row.
    pub fn take(&mut self, path: &str) -> Vec<Value> {
        let Some(documents) = self.all.get_mut(path) else { return Vec::new() };
        match self.shared.contains(path) {
            true => documents.iter().map(|(_, document)| document.clone()).collect(),
            false => documents.drain(..).map(|(_, document)| document).collect(),
        }
    }
}
