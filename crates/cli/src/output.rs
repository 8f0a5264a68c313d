//! The output folder. A synthesis writes into a fresh folder, which then replaces the old one with one rename.
//!
//! Fresh folders are beside the old ones, on the same file system, as `.tmp-<name>-<process>`. They are removed at the
//! end of each run, successful or not. The next run removes those of a killed run. The lock on the output folder
//! guarantees that no other run uses them.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_assembly::is_unchanged;
use meshsynth_model::problem::Problem;

use crate::os;
use crate::shell::Shell;

const PREFIX: &str = ".tmp-";

/// The folder with a subfolder for each app and environment. It is locked for this process while this value exists.
pub struct Output {
    root: PathBuf,
    made: bool,
    _lock: Option<File>,
}

/// A folder that replaces another, or is removed on drop.
pub struct Fresh {
    /// The folder to write to.
    pub path: PathBuf,
    /// The folder that it replaces.
    pub target: PathBuf,
}

impl Output {
    /// Opens or creates the output folder, and waits until no other run uses it.
    pub fn open(shell: &Shell, root: &Path) -> Result<Self> {
        let made = !root.exists();
        fs::create_dir_all(root).map_err(|error| not_writable(root, &error)).context(cannot_make(root))?;
        let lock = lock(shell, root);
        let output = Self { root: root.to_owned(), made, _lock: lock };
        if output._lock.is_some() {
            output.remove_stale();
        }
        Ok(output)
    }

    /// Creates an empty folder for the output of `name`.
    pub fn fresh(&self, name: &str) -> Result<Fresh> {
        let target = self.root.join(name);
        check_ours(&target)?;
        let path = self.root.join(format!("{PREFIX}{name}-{}", std::process::id()));
        fs::create_dir(&path).map_err(|error| not_writable(&self.root, &error)).context(cannot_make(&path))?;
        Ok(Fresh { path, target })
    }

    fn remove_stale(&self) {
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                // If the folder cannot be removed, a later run tries again.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.made {
            // This intentionally fails if the folder is not empty.
            let _ = fs::remove_dir(&self.root);
        }
    }
}

impl Fresh {
    /// Replaces the old folder, which is removed when this is dropped. An unchanged output stays as it is.
    pub fn swap(&self) -> Result<()> {
        if is_unchanged(&self.path) {
            return Ok(());
        }
        let context = || format!("cannot replace `{}`", self.target.display());
        if !self.target.exists() {
            return fs::rename(&self.path, &self.target).with_context(context);
        }
        match os::exchange(&self.path, &self.target) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => self.swap_in_two().with_context(context),
            result => result.with_context(context),
        }
    }

    /// For file systems that cannot swap two folders atomically.
    fn swap_in_two(&self) -> io::Result<()> {
        let old = self.path.with_added_extension("old");
        fs::rename(&self.target, &old)?;
        if let Err(error) = fs::rename(&self.path, &self.target) {
            fs::rename(&old, &self.target)?;
            return Err(error);
        }
        fs::remove_dir_all(&old)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // After a swap, this is the old folder. If it cannot be removed, the next run removes it.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Returns an error if the target was not written by meshsynth.
fn check_ours(target: &Path) -> Result<()> {
    let metadata = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result.with_context(|| format!("cannot read `{}`", target.display()))?,
    };
    let what = if metadata.is_symlink() {
        "is a symbolic link"
    } else if !metadata.is_dir() {
        "is a file"
    } else if is_empty(target)? || meshsynth_assembly::is_assembly(target) {
        return Ok(());
    } else {
        "contains files that meshsynth did not write"
    };
    let here = std::env::current_dir().unwrap_or_default();
    let shown = target.strip_prefix(&here).unwrap_or(target).display();
    Err(Problem::setting(format!("`{shown}` {what}; meshsynth does not replace it"))
        .help("move it away, or choose another folder with `output` in meshsynth.toml or `--output`")
        .into())
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries = fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    Ok(entries.next().is_none())
}

/// Locks the folder itself, so that no lock file is needed. Returns `None` if the system cannot lock it.
fn lock(shell: &Shell, root: &Path) -> Option<File> {
    let file = File::open(root).ok()?;
    match file.try_lock() {
        Ok(()) => return Some(file),
        Err(TryLockError::Error(_)) => return None,
        Err(TryLockError::WouldBlock) => {}
    }
    shell.note(&format!("waiting for another meshsynth process that writes to `{}`", root.display()));
    file.lock().ok().map(|()| file)
}

fn cannot_make(path: &Path) -> String {
    format!("cannot create the folder `{}`", path.display())
}

fn not_writable(root: &Path, error: &io::Error) -> Problem {
    let help = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free disk space".to_owned(),
        _ => format!("make `{}` writable, or choose another folder with `--output`", root.display()),
    };
    Problem::setting(error.to_string()).help(help)
}
