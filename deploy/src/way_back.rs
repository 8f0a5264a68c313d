//! How something was that is taken over, written down before it changes, so that somebody can bring it back.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::state_dir::{private, private_folder};

/// A folder with what was there before something was taken over.
pub(crate) struct WayBack {
    folder: PathBuf,
}

impl WayBack {
    /// That of something with a name in parts, below a folder.
    pub(crate) fn new(folder: &Path, parts: &[&str]) -> Self {
        // A name may hold what separates folders, as that of a role does.
        let part = |part: &&str| part.replace(['/', '\\', ':'], "-").trim_start_matches('.').to_owned();
        Self { folder: parts.iter().map(part).fold(folder.to_owned(), |folder, part| folder.join(part)) }
    }

    /// Writes files, each whole or not at all. Only we may read them.
    pub(crate) fn write(&self, files: &[(&str, &str)]) -> Result<()> {
        let shown = self.folder.display();
        private_folder(&self.folder).with_context(|| format!("cannot make the folder `{shown}`"))?;
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

    /// The path of a file, as a command names it.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}
