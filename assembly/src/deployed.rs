//! What is deployed, in a folder: the templates of stacks and the objects of clusters, and `deployed.json`, which says what they
//! are.
//!
//! Whoever reaches AWS and clusters writes it ([`Deployed::write`]); whoever compares, adopts or asks reads the folder as it reads
//! one that any tool wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The file that says what the others are.
pub const INDEX: &str = "deployed.json";

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The stacks, by name.
    pub stacks: Vec<WantedStack>,
    /// The clusters.
    pub clusters: Vec<WantedCluster>,
    /// The region of stacks that name none; without it that of the environment.
    pub region: Option<String>,
    /// Whether the names that AWS gave to resources are asked for.
    pub resources: bool,
}

/// A stack that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedStack {
    /// Its name.
    pub name: String,
    /// Its account; none for that of the credentials.
    pub account: Option<String>,
    /// Its region.
    pub region: Option<String>,
}

/// A cluster that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedCluster {
    /// What it is called.
    pub name: String,
    /// The context of the kubeconfig. Without it the context of that name is meant, or the current one if nobody named the
    /// cluster.
    pub context: Option<String>,
    /// Whether somebody named it.
    pub is_named: bool,
    /// The objects that are asked for, as they would be applied; none for everything that somebody applied.
    pub objects: Option<Vec<serde_json::Value>>,
}

/// What is deployed.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Deployed {
    /// The stacks that are there.
    pub stacks: Vec<DeployedStack>,
    /// The clusters.
    pub clusters: Vec<DeployedCluster>,
    /// What somebody should know.
    pub notes: Vec<String>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
    /// The texts of the files, by their paths below the folder.
    #[serde(skip)]
    pub files: BTreeMap<String, String>,
}

/// A stack that is there.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct DeployedStack {
    /// Its name.
    pub name: String,
    /// Its account.
    pub account: Option<String>,
    /// Its region.
    pub region: String,
    /// The file of the template that was handed in.
    pub template: String,
    /// The values of its parameters; that of a secret one is `****`.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// The names that AWS gave to its resources, by logical id, where they were asked for.
    pub resources: BTreeMap<String, String>,
    /// The name of the stack that it is nested in, and its logical id there.
    pub parent: Option<(String, String)>,
}

/// A cluster.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct DeployedCluster {
    /// What it is called.
    pub name: String,
    /// The context that reaches it.
    pub context: String,
    /// The file with its objects.
    pub objects: String,
    /// The file with the objects that are asked for, as they would be if they were applied now.
    pub applied: Option<String>,
}

impl Deployed {
    /// Writes the files and the index into a folder.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let index = serde_json::to_string_pretty(self).context("the index is always JSON")?;
        for (path, text) in self.files.iter().chain([(&INDEX.to_owned(), &index)]) {
            let file = folder.join(path);
            let above = file.parent().unwrap_or(folder);
            fs::create_dir_all(above).with_context(|| format!("cannot make `{}`", above.display()))?;
            fs::write(&file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
        }
        Ok(())
    }

    /// The index of a folder; none where the folder is not one.
    ///
    /// # Errors
    ///
    /// If the index cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let file = folder.join(INDEX);
        if !file.is_file() {
            return Ok(None);
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let index = serde_json::from_str(&text).with_context(|| format!("`{}` is not valid", file.display()))?;
        Ok(Some(index))
    }
}
