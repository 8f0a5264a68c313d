//! The record of the last deployment. The next deployment uses it to find removed parts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cloud::AccountRegion;
use crate::state_dir::{StateDir, folder, private};

/// The record of the last deployment.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The stack names.
    pub stacks: Vec<String>,
    /// The accounts and regions that can contain stacks of the app.
    #[serde(default)]
    pub places: BTreeSet<AccountRegion>,
    /// The clusters, by ID.
    pub clusters: BTreeMap<String, ClusterRecord>,
}

/// The deployed parts of a cluster.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ClusterRecord {
    /// The paths of the manifests.
    pub objects: Vec<String>,
    /// The names of Helm releases.
    pub releases: Vec<String>,
}

impl Record {
    /// Reads the record of an app, or `None` if it was never deployed from this folder.
    pub fn read(output: &Path, app: &str) -> Result<Option<Self>> {
        let folder = folder(output, app);
        let path = folder.join("record.json");
        if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        let text = meshsynth_assembly::read_text(&folder, "record.json")
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let context = || format!("`{}` cannot be parsed: remove the file", path.display());
        serde_json::from_str(&text).map(Some).with_context(context)
    }

    /// Writes the record atomically.
    pub fn write(&self, state: &StateDir) -> Result<()> {
        let (path, fresh) = (state.folder().join("record.json"), state.folder().join("record.json.new"));
        let text = serde_json::to_string_pretty(self)?;
        let write = || {
            let mut file = private().truncate(true).open(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().with_context(|| format!("cannot write `{}`", path.display()))
    }
}
