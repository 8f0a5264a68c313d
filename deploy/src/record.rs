//! What lies beside the assembly: the record of the last deployment, the journal, and the lock.
//!
//! Everything is in `.deploy/<app>` below the output folder, readable by its
//! owner alone, and holds names and states: no value of a parameter, an
//! output or a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cloud::Place;
use crate::failure::{Failure, Kind};
use crate::lock::Shelf;
use crate::watch::Said;

/// What was deployed last.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Record {
    /// The names of the stacks.
    pub stacks: Vec<String>,
    /// Where stacks of the app may be.
    #[serde(default)]
    pub places: BTreeSet<Place>,
    /// The clusters by id.
    pub clusters: BTreeMap<String, Had>,
}

/// What came to a cluster.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Had {
    /// The paths of manifests.
    pub objects: Vec<String>,
    /// The names of Helm releases.
    pub releases: Vec<String>,
}

/// The folder of an app's deployments, ours alone while this lives.
#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
    _lock: File,
}

impl Record {
    /// The record of an app, if it was ever deployed from here.
    pub fn read(output: &Path, app: &str) -> Result<Option<Self>> {
        let path = folder(output, app).join("record.json");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let context = || format!("`{}` is not readable; remove it", path.display());
                serde_json::from_str(&text).map(Some).with_context(context)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        }
    }
}

impl Desk {
    /// Takes the folder of an app; an error that says who has it.
    pub fn take(output: &Path, app: &str, who: &str) -> Result<Self> {
        let folder = folder(output, app);
        let context = || format!("cannot make the folder `{}`", folder.display());
        private_folder(&folder).with_context(context)?;
        let ignore = output.join(".deploy/.gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").with_context(|| format!("cannot write `{}`", ignore.display()))?;
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
                let text = format!("`{app}` is being deployed by {holder}");
                let failure = Failure::new(text, "wait until that is done, then run again");
                return Err(Failure { kind: Kind::Locked, ..failure }.into());
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
        }
        let text = format!("{who} (process {}) since {}\n", std::process::id(), timestamp(now()));
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(text.as_bytes()))
            .with_context(context)?;
        let desk = Self { folder, _lock: lock };
        desk.clear().with_context(|| format!("cannot clear `{}`", desk.folder.display()))?;
        Ok(desk)
    }

    /// Removes what Helm was to read in a run that was killed: it holds a token, or values.
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

    /// Where everything lies: a folder that only we may read.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The tokens of earlier runs from here that may have left a lock behind: nobody of them is alive.
    pub fn earlier(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("held")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Remembers that a run takes a lock, before it does.
    pub fn hold(&self, token: &str) -> Result<()> {
        let path = self.folder.join("held");
        let write = || private().append(true).open(&path)?.write_all(format!("{token}\n").as_bytes());
        write().with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Forgets all locks, once they are let go.
    pub fn let_go(&self) {
        let _ = fs::remove_file(self.folder.join("held"));
    }

    /// Remembers in which versions the last run from here let its locks go. Whoever cannot, reads them the next time.
    pub fn keep_free(&self, free: &BTreeMap<Shelf, String>) {
        let rows: Vec<_> = free.iter().collect();
        let path = self.folder.join("free.json");
        let write = || private().truncate(true).open(&path)?.write_all(json!(rows).to_string().as_bytes());
        let _: io::Result<()> = write();
    }

    /// In which versions the last run from here let its locks go.
    pub fn free(&self) -> BTreeMap<Shelf, String> {
        let text = fs::read_to_string(self.folder.join("free.json")).unwrap_or_default();
        let rows: Vec<(Shelf, String)> = serde_json::from_str(&text).unwrap_or_default();
        rows.into_iter().collect()
    }

    /// Puts the record in its place, whole or not at all.
    pub fn write(&self, record: &Record) -> Result<()> {
        let (path, fresh) = (self.folder.join("record.json"), self.folder.join("record.json.new"));
        let text = serde_json::to_string_pretty(record)?;
        let write = || {
            let mut file = private().truncate(true).open(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// A file for what happens, one line each.
    pub fn journal(&self) -> Result<File> {
        let path = self.folder.join("journal.jsonl");
        let result = private().append(true).open(&path);
        let file = result.with_context(|| format!("cannot open `{}`", path.display()))?;
        restrict(&path, 0o600).with_context(|| format!("cannot restrict `{}`", path.display()))?;
        Ok(file)
    }
}

/// A line of the journal.
pub fn line(run: &str, said: &Said) -> String {
    let mut value = serde_json::to_value(said).unwrap_or(Value::Null);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("time".to_owned(), json!(timestamp(now())));
        fields.insert("run".to_owned(), json!(run));
    }
    format!("{value}\n")
}

/// The journal of an app: its lines, as far as they are whole.
pub fn journal(output: &Path, app: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder(output, app).join("journal.jsonl")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the journal says when something happened")]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// A time as `2026-11-21T06:30:00Z`.
pub fn timestamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years are counted from March of year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

fn folder(output: &Path, app: &str) -> PathBuf {
    output.join(".deploy").join(app)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    restrict(path, 0o700)
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(case: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("meshsynth-record-{case}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn times_are_read_by_people() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_795_242_600), "2026-11-21T06:30:00Z");
    }

    #[test]
    fn the_second_deployment_is_told_who_has_the_first() {
        let output = output("lock");
        let first = Desk::take(&output, "shop", "ann@laptop").unwrap();
        let error = Desk::take(&output, "shop", "bob@ci").unwrap_err().to_string();
        assert!(error.starts_with("error: `shop` is being deployed by ann@laptop (process "), "{error}");
        assert!(error.contains(") since 20"), "{error}");
        assert!(Desk::take(&output, "blog", "bob@ci").is_ok(), "another app is free");
        drop(first);
        assert!(Desk::take(&output, "shop", "bob@ci").is_ok(), "a holder that is gone holds nothing");
        fs::remove_dir_all(output).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt;
        let output = output("modes");
        let desk = Desk::take(&output, "shop", "ann").unwrap();
        desk.write(&Record::default()).unwrap();
        desk.journal().unwrap();
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
