//! The files of the project, in a folder.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;
use meshsynth_adopt::Project;

use crate::init::{self, Library};

/// A file of the project: its path, and its text.
pub type File = (String, String);

/// The files of a project: those of the program, and what cargo and meshsynth need beside them.
pub fn files(name: &str, project: &Project, library: &Library) -> Result<Vec<File>> {
    let mut files = init::adopted(name, library, project.features.iter().map(String::as_str))?;
    files.extend(project.files.iter().cloned());
    Ok(files)
}

/// Formats the program, where this machine has `rustfmt`; whether it did.
pub fn format(folder: &Path) -> bool {
    let mut command = Command::new("rustfmt");
    command.args(["--edition", "2024", "--config-path"]).arg(folder).args(["src/main.rs", "src/lib.rs"]);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
