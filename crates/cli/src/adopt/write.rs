//! Writes the files of the adopted project.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use meshsynth_adopt::Project;

use crate::init::{self, Library};
use crate::whole_file;

/// The path and the content of a file.
pub type File = (String, String);

/// Returns the files of a project: those of the program, of cargo and of meshsynth.
pub fn files(name: &str, project: &Project, library: &Library) -> Result<Vec<File>> {
    let mut files = init::adopted(name, library, project.features.iter().map(String::as_str))?;
    files.extend(project.files.iter().cloned());
    files.extend(project.documents.iter().map(|(path, data)| (path.clone(), meshsynth::yaml::document(data))));
    Ok(files)
}

/// Writes a project again, and removes modules that it no longer has.
///
/// # Errors
///
/// Errors of the operating system.
pub fn again(folder: &Path, files: &[File]) -> Result<()> {
    let src = folder.join("src");
    fs::remove_dir_all(&src).with_context(|| format!("cannot remove `{}`", src.display()))?;
    for (path, text) in files {
        let file = folder.join(path);
        let shown = file.display();
        fs::create_dir_all(file.parent().unwrap_or(folder))
            .with_context(|| format!("cannot create the folder of `{shown}`"))?;
        whole_file::write(&file, text).with_context(|| format!("cannot write `{shown}`"))?;
    }
    format(folder);
    Ok(())
}

/// Formats the program with `rustfmt`; returns whether that succeeded.
pub fn format(folder: &Path) -> bool {
    let mut command = Command::new("rustfmt");
    command.args(["--edition", "2024", "--config-path"]).arg(folder).args(["src/main.rs", "src/lib.rs"]);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
