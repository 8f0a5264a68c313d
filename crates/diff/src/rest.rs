//! The rest of a platform, which is unchanged while one stack or cluster is compared.

use std::collections::BTreeMap;

use meshsynth_assembly::Manifest;
use serde_json::Value;

use crate::side::Side;

/// A synthesized platform.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// The text of each file, by path.
    pub files: &'a BTreeMap<String, String>,
    /// The values of placeholders, as in `bindings.json`.
    pub bindings: &'a Value,
}

impl Rest<'_> {
    /// Returns its stacks, objects and releases, which are parsed on demand.
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
