//! The local state of an app: the record of the last deployment, the journal, and the lock of this machine.
//!
//! The state is in `.deploy/<app>` below the output folder, and only its owner can read it. It contains names and
//! states, but no values of parameters, outputs or manifests.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::failure::{Failure, Kind};
use crate::lock::LockLocation;
use crate::time::{now, timestamp};

/// The folder of all states, below the output folder.
const STATES: &str = ".deploy";

/// The locked state folder of an app. Dropping it releases the lock.
#[derive(Debug)]
pub struct StateDir {
    folder: PathBuf,
    lock: File,
}

impl Drop for StateDir {
    /// Unlocks the file explicitly, because closing it is not sufficient. While another thread starts a process, this
    /// process also has the open file until it executes its program. Until then, the lock would remain.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl StateDir {
    /// Locks the state folder of an app. The error names the owner of the lock.
    pub fn take(output: &Path, app: &str, who: &str) -> Result<Self> {
        meshsynth_assembly::check_name("app", app)?;
        let folder = folder(output, app);
        let context = || format!("cannot create the folder `{}`", folder.display());
        private_folder(&folder).with_context(context)?;
        let ignore = output.join(".deploy/.gitignore");
        let context = || format!("cannot write `{}`", ignore.display());
        match private().create_new(true).open(&ignore) {
            Ok(mut file) => file.write_all(b"*\n").with_context(context)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(context),
        }
        let path = folder.join("lock");
        let context = || format!("cannot open `{}`", path.display());
        let mut lock = private().read(true).append(false).truncate(false).open(&path).with_context(context)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.read_to_string(&mut holder);
                let holder = if holder.is_empty() { "somebody" } else { holder.trim() };
                let text = format!("another process deploys `{app}`: {holder}");
                let failure = Failure::new(text, "wait until that operation ends, then run the command again");
                return Err(Failure { kind: Kind::Locked, ..failure }.into());
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
        }
        let text = format!("{who} (process {}) since {}\n", std::process::id(), timestamp(now()));
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(text.as_bytes()))
            .with_context(context)?;
        let state = Self { folder, lock };
        state.clear().with_context(|| format!("cannot clear `{}`", state.folder.display()))?;
        Ok(state)
    }

    /// Deletes the Helm files of an interrupted run, because they contain a token or values.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".kubeconfig") || name.ends_with(".values.yaml") {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Returns the folder. Only the current user can read it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the tokens of earlier runs from this folder that may have left a lock. All of these runs have ended.
    pub fn earlier(&self) -> Vec<String> {
        let text = meshsynth_assembly::read_text(&self.folder, "held").unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Records the token of a run before the run acquires a lock.
    pub fn hold(&self, token: &str) -> Result<()> {
        let path = self.folder.join("held");
        let write = || private().append(true).open(&path)?.write_all(format!("{token}\n").as_bytes());
        write().with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Forgets all tokens after their locks were released.
    pub fn let_go(&self) {
        let _ = fs::remove_file(self.folder.join("held"));
    }

    /// Records the lock versions after a release. If this fails, the next run reads the locks again.
    pub fn keep_free(&self, free: &BTreeMap<LockLocation, String>) {
        let rows: Vec<_> = free.iter().collect();
        let path = self.folder.join("free.json");
        let write = || private().truncate(true).open(&path)?.write_all(json!(rows).to_string().as_bytes());
        let _: io::Result<()> = write();
    }

    /// Returns the lock versions after the last release from this folder.
    pub fn free(&self) -> BTreeMap<LockLocation, String> {
        let text = meshsynth_assembly::read_text(&self.folder, "free.json").unwrap_or_default();
        let rows: Vec<(LockLocation, String)> = serde_json::from_str(&text).unwrap_or_default();
        rows.into_iter().collect()
    }

    /// Opens the journal file for appending.
    pub fn journal(&self) -> Result<File> {
        let path = self.folder.join("journal.jsonl");
        let result = private().append(true).open(&path);
        let file = result.with_context(|| format!("cannot open `{}`", path.display()))?;
        restrict(&file, 0o600).with_context(|| format!("cannot restrict `{}`", path.display()))?;
        Ok(file)
    }
}

/// Returns the path of the state folder of an app.
pub(crate) fn folder(output: &Path, app: &str) -> PathBuf {
    output.join(STATES).join(app)
}

/// Returns options to create a file that only its owner can read. A link at the path is an error.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    meshsynth_assembly::no_follow(&mut options);
    options
}

/// Creates a folder that only its owner can read. Rejects linked folders, up to the folder of all states.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    check_no_link(path)?;
    fs::create_dir_all(path)?;
    check_no_link(path)?;
    let mut options = OpenOptions::new();
    options.read(true);
    meshsynth_assembly::no_follow(&mut options);
    #[cfg(unix)]
    restrict(&options.open(path)?, 0o700)?;
    Ok(())
}

/// Rejects a path if it, or a folder between it and the folder of all states, is a symbolic link.
fn check_no_link(path: &Path) -> io::Result<()> {
    let is_in_state = path.components().any(|part| part.as_os_str() == STATES);
    for folder in path.ancestors() {
        if fs::symlink_metadata(folder).is_ok_and(|it| it.is_symlink()) {
            let text = format!("`{}` is a symbolic link, which is not followed", folder.display());
            return Err(io::Error::other(text));
        }
        if !is_in_state || folder.file_name().is_some_and(|name| name == STATES) {
            break;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn restrict(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    fn output(case: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("meshsynth-record-{case}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn second_deployment_names_owner_of_first() {
        let output = output("lock");
        let first = StateDir::take(&output, "shop", "ann@laptop").unwrap();
        let error = StateDir::take(&output, "shop", "bob@ci").unwrap_err().to_string();
        assert!(error.starts_with("error: another process deploys `shop`: ann@laptop (process "), "{error}");
        assert!(error.contains(") since 20"), "{error}");
        assert!(StateDir::take(&output, "blog", "bob@ci").is_ok(), "another app is free");
        drop(first);
        assert!(StateDir::take(&output, "shop", "bob@ci").is_ok(), "a process that has ended has no lock");
        fs::remove_dir_all(output).unwrap();
    }

    #[test]
    fn starting_process_does_not_extend_the_lock() {
        let output = output("inherited");
        let first = StateDir::take(&output, "shop", "ann@laptop").unwrap();
        // Between `fork` and `exec`, a child process shares the open lock file.
        let inherited = first.lock.try_clone().unwrap();
        drop(first);
        assert!(StateDir::take(&output, "shop", "bob@ci").is_ok());
        drop(inherited);
        fs::remove_dir_all(output).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn state_files_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let output = output("modes");
        let state = StateDir::take(&output, "shop", "ann").unwrap();
        Record::default().write(&state).unwrap();
        state.journal().unwrap();
        let mode = |path: &str| fs::metadata(output.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(".deploy/shop"), 0o700);
        for file in ["lock", "record.json", "journal.jsonl"] {
            assert_eq!(mode(&format!(".deploy/shop/{file}")), 0o600, "{file}");
        }
        assert_eq!(Record::read(&output, "shop").unwrap(), Some(Record::default()));
        assert_eq!(Record::read(&output, "blog").unwrap(), None);
        fs::remove_dir_all(output).unwrap();
    }
}
