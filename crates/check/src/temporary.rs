//! Temporary folders that are removed on drop.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};

/// A folder below the temporary folder of the system.
pub struct Temporary(pub PathBuf);

impl Temporary {
    /// Creates an empty folder.
    pub fn new() -> Result<Self> {
        for attempt in 0..100 {
            let path = env::temp_dir().join(format!("meshsynth-diff-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot create `{}`", path.display())),
            }
        }
        anyhow::bail!("cannot create a folder in `{}`", env::temp_dir().display())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // If this fails, the system cleans up the folder later.
        let _ = fs::remove_dir_all(&self.0);
    }
}
