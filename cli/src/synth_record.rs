//! What an output was synthesized from, for commands that do not run the program: `--no-synth` and the like.
//!
//! `synth` leaves digests of the output and of the files of the project where cargo builds. Digests, not times, decide:
//! files that git wrote anew are not newer than the output. An output that another machine wrote, or git, has no record:
//! of one that is as committed, files that are not as committed are told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;
use std::{env, fs};

use anyhow::{Context, Result};
use meshsynth_assembly::problem::list;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::current::files;
use crate::diff::base;
use crate::watched::Watched;
use crate::whole_file;

/// Below the folder where cargo builds, and with a `.gitignore` of its own where cargo does not.
const FOLDER: &str = "meshsynth";

/// Files of the project that are named.
const NAMED: usize = 3;

/// Longer files are known by their time and length alone.
const LONG: u64 = 1 << 20;

/// The files of a project, by their paths below its folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inputs(BTreeMap<String, Input>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Input {
    /// Nanoseconds since 1970, which save reading a file again.
    modified: u64,
    length: u64,
    /// None for a long file.
    digest: Option<String>,
}

/// What is remembered of the syntheses of an output.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    /// The digest of the output that the last good synthesis wrote.
    output: String,
    /// What it was made from.
    inputs: Inputs,
    /// What the last synthesis was made from, where it failed.
    #[serde(default)]
    failed: Option<Inputs>,
}

/// Why an output is known to be older than its program.
#[derive(Debug, PartialEq)]
pub enum Stale {
    /// These files are not as they were; there is at least one.
    Changed(Vec<String>),
    /// The last synthesis failed, of the project as it is now.
    Failed,
    /// The output is as committed, and these files are not; there is at least one.
    Uncommitted(Vec<String>),
}

impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        match (&self.digest, &other.digest) {
            (Some(one), Some(other)) => one == other,
            _ => (self.modified, self.length) == (other.modified, other.length),
        }
    }
}

impl Inputs {
    /// The project as it is now. What an earlier synthesis digested is not digested again.
    pub fn now(config: &Config, outputs: &[PathBuf]) -> Result<Self> {
        let known: Vec<Record> = outputs.iter().filter_map(|output| read(config, output)).collect();
        let known = |path: &str| known.iter().find_map(|record| record.inputs.0.get(path));
        let mut inputs = BTreeMap::new();
        for (path, (modified, length)) in Watched::new(config, [])?.look() {
            let name = path.strip_prefix(&config.folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let since = modified.and_then(|it| it.duration_since(SystemTime::UNIX_EPOCH).ok());
            let modified = since.and_then(|it| u64::try_from(it.as_nanos()).ok()).unwrap_or_default();
            let digest = match known(&name) {
                Some(known) if (known.modified, known.length) == (modified, length) && modified > 0 => {
                    known.digest.clone()
                }
                _ if length > LONG => None,
                _ => fs::read(&path).ok().map(|bytes| hex(&Sha256::digest(bytes))),
            };
            inputs.insert(name, Input { modified, length, digest });
        }
        Ok(Self(inputs))
    }

    /// The files that are other than they were, or gone. A new one is told by the file that names it; what no file
    /// names may be a report that a command wrote.
    fn changed_since(&self, old: &Self) -> Vec<String> {
        old.0.iter().filter(|(path, was)| self.0.get(*path) != Some(*was)).map(|(path, _)| path.clone()).collect()
    }
}

/// Remembers what the output in a folder was made from.
pub fn keep(config: &Config, output: &Path, inputs: &Inputs) -> Result<()> {
    write(config, output, &Record { output: digest(output)?, inputs: inputs.clone(), failed: None })
}

/// Remembers that a synthesis failed, where an older output stays behind.
pub fn keep_failure(config: &Config, output: &Path, inputs: &Inputs) -> Result<()> {
    if !output.is_dir() {
        return Ok(());
    }
    write(config, output, &Record { failed: Some(inputs.clone()), ..read(config, output).unwrap_or_default() })
}

/// Why the output in a folder is known to be stale; nothing where it is current, or nobody knows.
pub fn stale(config: &Config, output: &Path) -> Result<Option<Stale>> {
    let Some(record) = read(config, output) else { return Ok(uncommitted(config, output)) };
    let now = Inputs::now(config, &[output.to_owned()])?;
    if record.failed.as_ref().is_some_and(|failed| now.changed_since(failed).is_empty()) {
        return Ok(Some(Stale::Failed));
    }
    if digest(output)? != record.output {
        return Ok(uncommitted(config, output));
    }
    let changed = now.changed_since(&record.inputs);
    Ok(Some(changed).filter(|it| !it.is_empty()).map(Stale::Changed))
}

/// What git knows of an output that was not synthesized here.
fn uncommitted(config: &Config, output: &Path) -> Option<Stale> {
    if !base::is_committed(output) {
        return None;
    }
    // Paths from the folder in which git runs, whether they are in its index or not.
    let args = ["diff", "--name-only", "--relative", "-z", "HEAD", "--", "."];
    let done = Command::new("git").arg("-C").arg(&config.folder).args(args).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(done.stdout).ok().filter(|_| done.status.success())?;
    let paths: Vec<&str> = text.split_terminator('\0').collect();
    let is_below = |folder: &Path, path: &str| config.folder.join(path).starts_with(folder);
    if paths.iter().any(|path| is_below(output, path)) {
        return None;
    }
    let rest = paths.into_iter().filter(|path| !is_below(&config.output, path)).map(str::to_owned);
    Some(rest.collect::<Vec<_>>()).filter(|it| !it.is_empty()).map(Stale::Uncommitted)
}

/// For people, of an output by its path.
pub fn tell(shown: &str, stale: &Stale) -> String {
    match stale {
        Stale::Failed => format!("`{shown}` is stale: the last synthesis failed, and this output is older"),
        Stale::Changed(paths) => format!("`{shown}` may be stale: {} changed since it was synthesized", named(paths)),
        Stale::Uncommitted(paths) => {
            format!("`{shown}` may be stale: it is as committed, and {} changed since", named(paths))
        }
    }
}

fn named(paths: &[String]) -> String {
    let first: Vec<&str> = paths.iter().take(NAMED).map(String::as_str).collect();
    let more = paths.len() - first.len();
    if more > 0 { format!("{} and {more} more", list(&first)) } else { list(&first) }
}

fn folder(config: &Config) -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR");
    config.folder.join(named.as_deref().unwrap_or("target".as_ref())).join(FOLDER)
}

/// Where the record of an output is: several projects may build in one folder.
fn place(config: &Config, output: &Path) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    // The output may not be there yet; what is above it is.
    let above = output.parent().unwrap_or(output);
    let above = above.canonicalize().unwrap_or_else(|_| above.to_owned());
    let key = hex(&Sha256::digest(above.to_string_lossy().as_bytes()));
    folder(config).join(format!("{name}-{}.json", &key[..16]))
}

/// None where there is none, or one that another version wrote.
fn read(config: &Config, output: &Path) -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(place(config, output)).ok()?).ok()
}

fn write(config: &Config, output: &Path, record: &Record) -> Result<()> {
    let path = place(config, output);
    let text = serde_json::to_string(record).context("a record is JSON")?;
    let put = || {
        let folder = folder(config);
        fs::create_dir_all(&folder)?;
        // It is of this machine alone.
        whole_file::write(&folder.join(".gitignore"), "*\n")?;
        whole_file::write(&path, text)
    };
    put().with_context(|| format!("cannot write `{}`", path.display()))
}

/// The digest of a folder, as far as it belongs to an output.
fn digest(folder: &Path) -> Result<String> {
    let context = || format!("cannot read `{}`", folder.display());
    let mut hash = Sha256::new();
    for path in files(folder).with_context(context)? {
        let bytes = fs::read(folder.join(&path)).with_context(context)?;
        hash.update(format!("{path}\n{}\n", bytes.len()));
        hash.update(&bytes);
    }
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
