//! The deployed state as a folder: stack templates, cluster objects, and the index `deployed.json`.
//!
//! A command with access to AWS and the clusters writes the folder ([`Deployed::write`]). The comparison, `adopt` and
//! the queries read it like a folder that another tool wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The name of the index file.
pub const INDEX: &str = "deployed.json";

/// A request for deployed stacks and clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The requested stacks, by name.
    pub stacks: Vec<WantedStack>,
    /// The requested clusters.
    pub clusters: Vec<WantedCluster>,
    /// The region of stacks without a region. `None` means the region of the environment.
    pub region: Option<String>,
    /// Whether to read the physical names of the resources.
    pub resources: bool,
}

/// A requested stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedStack {
    /// The name of the stack.
    pub name: String,
    /// The account of the stack. `None` means the account of the credentials.
    pub account: Option<String>,
    /// The region of the stack.
    pub region: Option<String>,
}

/// A requested cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedCluster {
    /// The name of the cluster.
    pub name: String,
    /// The kubeconfig context. `None` means the context with the name of the cluster, or the current context if the
    /// user did not name the cluster.
    pub context: Option<String>,
    /// Whether the user named the cluster.
    pub is_named: bool,
    /// The requested objects, as they would be applied. `None` means all applied objects.
    pub objects: Option<Vec<serde_json::Value>>,
}

/// The deployed stacks and cluster objects.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Deployed {
    /// The existing stacks.
    pub stacks: Vec<DeployedStack>,
    /// The clusters.
    pub clusters: Vec<DeployedCluster>,
    /// Notes for the user.
    pub notes: Vec<String>,
    /// The parts that could not be read, each with the reason.
    pub unread: Vec<String>,
    /// The contents of the files, by path relative to the folder.
    #[serde(skip)]
    pub files: BTreeMap<String, String>,
}

/// An existing stack.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct DeployedStack {
    /// The name of the stack.
    pub name: String,
    /// The account of the stack.
    pub account: Option<String>,
    /// The region of the stack.
    pub region: String,
    /// The file with the template that was submitted.
    pub template: String,
    /// The parameter values. The value of a secret parameter is `****`.
    pub parameters: BTreeMap<String, String>,
    /// The stack tags.
    pub tags: BTreeMap<String, String>,
    /// The stack outputs.
    pub outputs: BTreeMap<String, String>,
    /// The physical names of the resources, by logical ID. Empty unless they were requested.
    pub resources: BTreeMap<String, String>,
    /// The name of the parent stack, and the logical ID of this stack in the parent.
    pub parent: Option<(String, String)>,
}

/// A cluster with its deployed objects.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct DeployedCluster {
    /// The name of the cluster.
    pub name: String,
    /// The kubeconfig context of the cluster.
    pub context: String,
    /// The file with the objects.
    pub objects: String,
    /// The file with the requested objects, as they would be if they were applied now.
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
            fs::create_dir_all(above).with_context(|| format!("cannot create `{}`", above.display()))?;
            fs::write(&file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
        }
        Ok(())
    }

    /// Reads the index of a folder. Returns `None` if the folder has no index.
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
