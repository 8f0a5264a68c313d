//! `owners.json`: the tasks for the owners of existing resources.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Manifest;

/// The name of the file. A platform without tasks has no such file.
const OWNERS: &str = "owners.json";

/// A task for the owner of an existing resource.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OwnerTask {
    /// The ARN, ID or name of the resource to change, or a placeholder if it is known only after deployment.
    pub owner: String,
    /// The required change.
    pub what: String,
    /// The statement or rule to add, or null.
    #[serde(default)]
    pub document: Value,
    /// The constructs that require the change.
    pub needed_by: Vec<NeededBy>,
}

/// A construct that requires a change.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NeededBy {
    /// The path in the program.
    pub construct: String,
    /// The line in the user's program.
    pub source: String,
}

#[derive(Deserialize)]
struct Owners {
    tasks: Vec<OwnerTask>,
}

/// Reads the tasks of an assembly.
pub(crate) fn read(folder: &Path, manifest: &Manifest) -> Result<Vec<OwnerTask>> {
    if !manifest.files.iter().any(|path| path == OWNERS) {
        return Ok(Vec::new());
    }
    let text = super::read(folder, OWNERS)?;
    let owners: Owners =
        serde_json::from_str(&text).with_context(|| format!("`{OWNERS}` is not a meshsynth task list"))?;
    Ok(owners.tasks)
}
