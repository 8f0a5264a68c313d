//! The rest of a platform: what stays as the new output has it, while one stack or one cluster is judged.

use std::collections::BTreeMap;

use meshsynth_assembly::Manifest;
use serde_json::Value;

use crate::side::Side;

/// A platform as its output has it.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// The text of each file, by path.
    pub files: &'a BTreeMap<String, String>,
    /// What fills placeholders, as `bindings.json` has it.
    pub bindings: &'a Value,
}

impl Rest<'_> {
    /// Its stacks, objects and releases, parsed once somebody asks.
    pub(crate) fn side(&self) -> Side {
        let mut side = Side::empty(String::new(), &self.manifest.app);
        side.manifest.stacks.clone_from(&self.manifest.stacks);
        side.manifest.clusters.clone_from(&self.manifest.clusters);
        side.bindings = self.bindings.clone();
        for path in self.manifest.named_files() {
            side.add_text(path, self.files.get(path).cloned().unwrap_or_default());
        }
        side
    }
}
