//! Records of the inputs of an output, for commands that do not run the program, such as `--no-synth`.
//!
//! `synth` stores digests of the output and of the project files in the target folder of cargo. Digests are used
//! instead of times, because files that git has written again are not newer than the output. An output of another
//! machine or from git has no record. If such an output is unchanged since its commit, changed files of the project are
//! reported.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;
use std::{env, fs};

use anyhow::{Context, Result};
use meshsynth_model::problem::list;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::current::files;
use crate::diff::base;
use crate::watched::Watched;
use crate::whole_file;

/// The folder below the target folder of cargo. If cargo does not use it, it gets its own `.gitignore`.
const FOLDER: &str = "meshsynth";

/// The maximum number of project files that a message lists.
const NAMED: usize = 3;

/// Files above this size in bytes are compared only by time and length.
const LONG: u64 = 1 << 20;

/// The files of a project, by paths relative to its folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inputs(BTreeMap<String, Input>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Input {
    /// Nanoseconds since 1970. An unchanged time saves reading the file again.
    modified: u64,
    length: u64,
    /// `None` for a long file.
    digest: Option<String>,
}

/// The record of an output.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    /// The digest of the output of the last successful synthesis.
    output: String,
    /// The inputs of that synthesis.
    inputs: Inputs,
    /// The inputs of the last synthesis, if it failed.
    #[serde(default)]
    failed: Option<Inputs>,
}

/// The reason why an output is older than its program.
#[derive(Debug, PartialEq)]
pub enum Stale {
    /// These files have changed; there is at least one.
    Changed(Vec<String>),
    /// The last synthesis of the current project failed.
    Failed,
    /// The output is unchanged since its commit, and these files are not; there is at least one.
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
    /// Returns the files of the project. Digests of earlier syntheses are reused.
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

    /// Returns the files that were changed or removed. A new file matters only if a changed file refers to it. Other
    /// new files may be reports that a command wrote.
    fn changed_since(&self, old: &Self) -> Vec<String> {
        old.0.iter().filter(|(path, was)| self.0.get(*path) != Some(*was)).map(|(path, _)| path.clone()).collect()
    }
}

/// Records the inputs of the output in a folder.
pub fn keep(config: &Config, output: &Path, inputs: &Inputs) -> Result<()> {
    write(config, output, &Record { output: digest(output)?, inputs: inputs.clone(), failed: None })
}

/// Records a failed synthesis, if an older output remains.
pub fn keep_failure(config: &Config, output: &Path, inputs: &Inputs) -> Result<()> {
    if !output.is_dir() {
        return Ok(());
    }
    write(config, output, &Record { failed: Some(inputs.clone()), ..read(config, output).unwrap_or_default() })
}

/// Returns why the output in a folder is stale, or `None` if it is current or its state is unknown.
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

/// Returns the uncommitted files, for an output that was not synthesized on this machine.
fn uncommitted(config: &Config, output: &Path) -> Option<Stale> {
    if !base::is_committed(output) {
        return None;
    }
    // Lists staged and unstaged changes, with paths relative to the folder.
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

/// Returns the message about a stale output.
pub fn tell(shown: &str, stale: &Stale) -> String {
    match stale {
        Stale::Failed => format!("`{shown}` is stale: the last synthesis failed, and this output is older"),
        Stale::Changed(paths) => format!("`{shown}` may be stale: {} changed since it was synthesized", named(paths)),
        Stale::Uncommitted(paths) => {
            format!("`{shown}` may be stale: it is unchanged since the commit, but {} changed later", named(paths))
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

/// Returns the path of a record. Several projects may share one target folder.
fn place(config: &Config, output: &Path) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    // The output may not exist yet, but its parent does.
    let above = output.parent().unwrap_or(output);
    let above = above.canonicalize().unwrap_or_else(|_| above.to_owned());
    let key = hex(&Sha256::digest(above.to_string_lossy().as_bytes()));
    folder(config).join(format!("{name}-{}.json", &key[..16]))
}

/// Reads a record. Returns `None` if it is missing or has the format of another version.
fn read(config: &Config, output: &Path) -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(place(config, output)).ok()?).ok()
}

fn write(config: &Config, output: &Path, record: &Record) -> Result<()> {
    let path = place(config, output);
    let text = serde_json::to_string(record).context("a record is JSON")?;
    let put = || {
        let folder = folder(config);
        fs::create_dir_all(&folder)?;
        // The record applies only to this machine.
        whole_file::write(&folder.join(".gitignore"), "*\n")?;
        whole_file::write(&path, text)
    };
    put().with_context(|| format!("cannot write `{}`", path.display()))
}

/// Returns the digest of the output files in a folder.
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
