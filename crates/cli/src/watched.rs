//! The files that `watch` polls. Polling works on every file system, including containers and network shares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs, io, thread};

use anyhow::Result;
use meshsynth_model::problem::Problem;

use crate::config::Config;
use crate::interrupt;

/// The polling interval.
const POLL: Duration = Duration::from_millis(200);

/// The modification time and the size of each file.
pub type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The folders to poll.
pub struct Watched {
    roots: Vec<PathBuf>,
    /// Folders that a run itself writes.
    left_out: Vec<PathBuf>,
}

impl Watched {
    /// Creates the set of folders: the project of a configuration, and additional folders.
    pub fn new(config: &Config, also: impl IntoIterator<Item = PathBuf>) -> Result<Self> {
        let mut roots = vec![config.folder.clone()];
        for folder in also {
            if !folder.is_dir() {
                let text = format!("the folder `{}` does not exist", folder.display());
                return Err(Problem::setting(text).help("specify existing folders with `--also`").into());
            }
            roots.push(folder);
        }
        let target = env::var_os("CARGO_TARGET_DIR").map(|target| config.folder.join(target));
        Ok(Self { roots, left_out: target.into_iter().chain([config.output.clone()]).collect() })
    }

    /// Returns the current state of all files.
    pub fn look(&self) -> Look {
        let mut look = Look::new();
        let mut folders = self.roots.clone();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (name, path) = (entry.file_name(), entry.path());
                if name.to_string_lossy().starts_with('.') || self.left_out.contains(&path) {
                    continue;
                }
                // Links to folders are not followed, because they may be circular.
                match (entry.file_type(), fs::metadata(&path)) {
                    (Ok(kind), _) if kind.is_dir() && name != "target" && name != "node_modules" => {
                        folders.push(path);
                    }
                    (_, Ok(metadata)) if metadata.is_file() => {
                        look.insert(path, (metadata.modified().ok(), metadata.len()));
                    }
                    _ => {}
                }
            }
        }
        look
    }

    /// Waits until files have changed and no file changes any more. Returns `None` if the user interrupts.
    pub fn wait(&self, before: Look) -> Option<Vec<PathBuf>> {
        let mut last = self.look();
        loop {
            if interrupt::happened() {
                return None;
            }
            thread::sleep(POLL);
            let now = self.look();
            // An editor may write several files in several steps.
            if now == last && now != before {
                return Some(changed(&before, &now));
            }
            last = now;
        }
    }
}

/// Returns the files that were written, created or removed; not empty if the states differ.
fn changed(before: &Look, now: &Look) -> Vec<PathBuf> {
    let written = now.iter().filter(|(path, state)| before.get(*path) != Some(state)).map(|(path, _)| path);
    let removed = before.keys().filter(|path| !now.contains_key(*path));
    written.chain(removed).cloned().collect()
}

/// Copies a folder with its content.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
