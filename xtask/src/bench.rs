//! `cargo xtask bench`: what synthesis costs, beside a program that only writes the same bytes.
//!
//! Figures are medians of several runs; the ratio to the floor is what holds
//! on another machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const SIZES: [usize; 4] = [6, 50, 200, 1000];
const N_RUNS: usize = 7;

/// What one program cost.
struct Cost {
    wall: Duration,
    peak_kib: u64,
}

/// Measures every size and prints a table.
pub fn run() -> Result<()> {
    let root = crate::root();
    call(Command::new("cargo").current_dir(&root).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "meshsynth-bench",
    ]))?;
    let binary = root.join("target/release/meshsynth-bench");
    let folder = root.join("target/bench");
    fs::create_dir_all(&folder)?;
    println!(
        "| services | synth and write, ms | floor, ms | ratio | compile alone, ms | check alone, ms | peak, MiB | files | MB out | instructions, M |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for n in SIZES {
        let (out, pack) = (folder.join("out"), folder.join("pack"));
        let n_text = n.to_string();
        let synth = |out: &Path| command(&binary, &["synth", &n_text], &[out]);
        fresh(&out)?;
        call(&mut synth(&out))?;
        call(&mut command(&binary, &["pack"], &[&out, &pack]))?;
        let (n_files, n_bytes) = size(&out)?;
        let (mut synths, mut floors, mut compiles, mut checks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..N_RUNS {
            fresh(&out)?;
            synths.push(measure(synth(&out))?);
            fresh(&out)?;
            floors.push(measure(command(&binary, &["floor"], &[&pack, &out]))?);
            compiles.push(measure(command(&binary, &["compile", &n_text], &[]))?);
            checks.push(measure(command(&binary, &["check", &n_text], &[]))?);
        }
        let peak = synths.iter().map(|cost| cost.peak_kib).max().unwrap_or_default();
        let (synth, floor, compile) = (median(&synths), median(&floors), median(&compiles));
        let check = median(&checks);
        let instructions = instructions(&binary, n)?;
        println!(
            "| {n} | {:.1} | {:.1} | {:.2} | {:.1} | {:.1} | {:.1} | {n_files} | {:.1} | {instructions} |",
            ms(synth),
            ms(floor),
            synth.as_secs_f64() / floor.as_secs_f64(),
            ms(compile),
            ms(check),
            peak as f64 / 1024.0,
            n_bytes as f64 / 1e6,
        );
    }
    Ok(())
}

fn command(binary: &Path, words: &[&str], paths: &[&Path]) -> Command {
    let mut command = Command::new(binary);
    command.args(words).args(paths);
    command
}

/// Runs a program under GNU time, which tells its peak memory.
fn measure(command: Command) -> Result<Cost> {
    let mut timed = Command::new("time");
    timed.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args());
    let start = Instant::now();
    let done = timed.stdin(Stdio::null()).output().context("GNU time is needed: install the package `time`")?;
    let wall = start.elapsed();
    if !done.status.success() {
        bail!("{command:?} ended with {}", done.status);
    }
    let text = String::from_utf8_lossy(&done.stderr);
    let peak_kib = text.lines().last().and_then(|line| line.trim().parse().ok()).context("GNU time says the peak")?;
    Ok(Cost { wall, peak_kib })
}

/// Millions of instructions by callgrind, where valgrind is installed.
fn instructions(binary: &Path, n: usize) -> Result<String> {
    let done = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(binary)
        .args(["compile", &n.to_string()])
        .output();
    let Ok(done) = done else { return Ok("–".to_owned()) };
    let text = String::from_utf8_lossy(&done.stderr);
    let count = text.lines().find_map(|line| line.split("Collected :").nth(1)?.trim().parse::<u64>().ok());
    Ok(count.map_or("–".to_owned(), |count| format!("{:.0}", count as f64 / 1e6)))
}

fn median(costs: &[Cost]) -> Duration {
    let mut walls: Vec<Duration> = costs.iter().map(|cost| cost.wall).collect();
    walls.sort();
    walls[walls.len() / 2]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn fresh(folder: &PathBuf) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))
}

/// The number of files below a folder and their bytes.
fn size(folder: &Path) -> Result<(usize, u64)> {
    let (mut n_files, mut n_bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (files, bytes) = match entry.file_type()?.is_dir() {
            true => size(&entry.path())?,
            false => (1, entry.metadata()?.len()),
        };
        n_files += files;
        n_bytes += bytes;
    }
    Ok((n_files, n_bytes))
}

fn call(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("{command:?} does not start"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
