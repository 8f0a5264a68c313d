//! `owners.json`: what the owners of things that exist already must do.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Manifest;

/// The file; a platform without such tasks has none.
const OWNERS: &str = "owners.json";

/// What the owner of something that exists already must do.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OwnerTask {
    /// The ARN, the id or the name of what is to be changed; a placeholder where only a deployment tells.
    pub owner: String,
    /// What to do.
    pub what: String,
    /// The statement or the rule to add; null where there is none.
    #[serde(default)]
    pub document: Value,
    /// The constructs that do not work without it.
    pub needed_by: Vec<NeededBy>,
}

/// A construct that needs a task.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NeededBy {
    /// Its path in the program.
    pub construct: String,
    /// The line of the program.
    pub source: String,
}

#[derive(Deserialize)]
struct Owners {
    tasks: Vec<OwnerTask>,
}

/// The tasks of an assembly.
pub(crate) fn read(folder: &Path, manifest: &Manifest) -> Result<Vec<OwnerTask>> {
    if !manifest.files.iter().any(|path| path == OWNERS) {
        return Ok(Vec::new());
    }
    let text = super::read(folder, OWNERS)?;
    let owners: Owners =
        serde_json::from_str(&text).with_context(|| format!("`{OWNERS}` is not a list of tasks of meshsynth"))?;
    Ok(owners.tasks)
}
