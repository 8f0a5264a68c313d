//! Builds and measures programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The number of runs of each measurement.
pub const N_RUNS: usize = 7;

/// The measured programs, and a folder for their output.
pub struct Binaries {
    /// `meshsynth-bench`, which compiles platforms.
    pub bench: PathBuf,
    /// The command `meshsynth`.
    pub meshsynth: PathBuf,
    /// A folder for the output of both programs.
    pub folder: PathBuf,
}

/// The cost of one run of a program.
pub struct Cost {
    /// The wall-clock time of the run.
    pub wall: Duration,
    /// The CPU time of all threads in seconds, including system time.
    pub cpu: f64,
    /// The peak memory in KiB.
    pub peak_kib: u64,
}

/// Builds the measured programs with the release profile.
pub fn build() -> Result<Binaries> {
    let root = crate::root();
    let mut build = Command::new("cargo");
    build.current_dir(&root).args(["build", "--quiet", "--release", "-p", "meshsynth-bench", "-p", "meshsynth-cli"]);
    call(&mut build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("making `{}`", folder.display()))?;
    let release = target.join("release");
    Ok(Binaries { bench: release.join("meshsynth-bench"), meshsynth: release.join("meshsynth"), folder })
}

/// Builds the programs that have a budget with the release profile, and returns their folder.
pub fn build_counted() -> Result<PathBuf> {
    let root = crate::root();
    let mut build = Command::new("cargo");
    build.current_dir(&root).args(["build", "--quiet", "--release", "-p", "meshsynth-bench", "-p", "meshsynth-cli"]);
    call(&mut build)?;
    Ok(std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("release"))
}

/// Returns a command with arguments: words, followed by paths.
pub fn command(binary: &Path, words: &[&str], paths: &[&Path]) -> Command {
    let mut command = Command::new(binary);
    command.args(words).args(paths);
    command
}

/// Runs a program under GNU time, which reports its CPU time and its peak memory.
pub fn measure(command: &Command) -> Result<Cost> {
    let mut timed = Command::new("time");
    timed.args(["-f", "%U %S %M"]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let start = Instant::now();
    let done = timed.stdin(Stdio::null()).output().context("GNU time is missing: install the package `time`")?;
    let wall = start.elapsed();
    if !done.status.success() {
        bail!("{command:?} ended with {}", done.status);
    }
    let text = String::from_utf8_lossy(&done.stderr);
    let last = text.lines().last().unwrap_or_default();
    let [user, system, peak] = last.split_whitespace().collect::<Vec<_>>()[..] else {
        bail!("unexpected output of GNU time: `{last}`")
    };
    Ok(Cost { wall, cpu: user.parse::<f64>()? + system.parse::<f64>()?, peak_kib: peak.parse()? })
}

/// Returns the median of the wall-clock times.
pub fn median(costs: &[Cost]) -> Duration {
    let mut walls: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
    walls.sort();
    walls[walls.len() / 2]
}

/// Returns a duration in milliseconds.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Runs a program that must succeed.
pub fn call(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
