//! Saves the previous state of a resource before a takeover, so that the user can restore it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::state_dir::{private, private_folder};

/// A folder with the previous state of a resource.
pub(crate) struct WayBack {
    folder: PathBuf,
}

impl WayBack {
    /// Returns the folder of a resource. `parts` contains the segments of its name.
    pub(crate) fn new(folder: &Path, parts: &[&str]) -> Self {
        // A name can contain path separators, such as the name of a role.
        let part = |part: &&str| part.replace(['/', '\\', ':'], "-").trim_start_matches('.').to_owned();
        Self { folder: parts.iter().map(part).fold(folder.to_owned(), |folder, part| folder.join(part)) }
    }

    /// Writes each file atomically. Only the current user can read the files.
    pub(crate) fn write(&self, files: &[(&str, &str)]) -> Result<()> {
        let shown = self.folder.display();
        private_folder(&self.folder).with_context(|| format!("cannot create the folder `{shown}`"))?;
        for (name, text) in files {
            let (path, fresh) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
            let write = || {
                let mut file = private().truncate(true).open(&fresh)?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                fs::rename(&fresh, &path)
            };
            write().with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(())
    }

    /// Returns the path of a file for a command.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}
