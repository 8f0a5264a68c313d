//! What was deployed last, which is how the next deployment knows what it no longer has.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::{fs, io};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cloud::AccountRegion;
use crate::state_dir::{StateDir, folder, private};

/// What was deployed last.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The names of the stacks.
    pub stacks: Vec<String>,
    /// Where stacks of the app may be.
    #[serde(default)]
    pub places: BTreeSet<AccountRegion>,
    /// The clusters by id.
    pub clusters: BTreeMap<String, ClusterRecord>,
}

/// What came to a cluster.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ClusterRecord {
    /// The paths of manifests.
    pub objects: Vec<String>,
    /// The names of Helm releases.
    pub releases: Vec<String>,
}

impl Record {
    /// The record of an app, if it was ever deployed from here.
    pub fn read(output: &Path, app: &str) -> Result<Option<Self>> {
        let path = folder(output, app).join("record.json");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let context = || format!("`{}` is not readable; remove it", path.display());
                serde_json::from_str(&text).map(Some).with_context(context)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        }
    }

    /// Puts the record in its place, whole or not at all.
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
