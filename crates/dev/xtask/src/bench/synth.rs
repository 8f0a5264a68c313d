//! Measures synthesis, in comparison with a program that only writes the same files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::measure::{Binaries, N_RUNS, call, command, measure, median, ms};

const SIZES: [usize; 5] = [6, 50, 200, 1000, 4000];

/// Measures every size and prints a table.
pub fn run(binaries: &Binaries) -> Result<()> {
    let binary = &binaries.bench;
    let folder = &binaries.folder;
    println!(
        "| services | synth and write, ms | write only, ms | ratio | compile only, ms | peak of compile, MiB | instructions of compile, M | instructions per service, M | check only, ms | files | output, MB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for n in SIZES {
        let (out, pack) = (folder.join("out"), folder.join("pack"));
        let n_text = n.to_string();
        let synth = |out: &Path| command(binary, &["synth", &n_text], &[out]);
        fresh(&out)?;
        call(&mut synth(&out))?;
        call(&mut command(binary, &["pack"], &[&out, &pack]))?;
        let (n_files, n_bytes) = size(&out)?;
        let (mut synths, mut floors, mut compiles, mut checks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..N_RUNS {
            fresh(&out)?;
            synths.push(measure(&synth(&out))?);
            fresh(&out)?;
            floors.push(measure(&command(binary, &["floor"], &[&pack, &out]))?);
            compiles.push(measure(&command(binary, &["compile", &n_text], &[]))?);
            checks.push(measure(&command(binary, &["check", &n_text], &[]))?);
        }
        let peak = compiles.iter().map(|cost| cost.peak_kib).max().unwrap_or_default();
        let (synth, floor, compile, check) = (median(&synths), median(&floors), median(&compiles), median(&checks));
        let (total, each) = match instructions(binary, n) {
            Some(count) => (format!("{:.0}", count / 1e6), format!("{:.2}", count / 1e6 / n as f64)),
            None => ("–".to_owned(), "–".to_owned()),
        };
        println!(
            "| {n} | {:.1} | {:.1} | {:.2} | {:.1} | {:.1} | {total} | {each} | {:.1} | {n_files} | {:.1} |",
            ms(synth),
            ms(floor),
            synth.as_secs_f64() / floor.as_secs_f64(),
            ms(compile),
            peak as f64 / 1024.0,
            ms(check),
            n_bytes as f64 / 1e6,
        );
    }
    Ok(())
}

/// Returns the number of instructions of a compilation, counted by callgrind, or `None` if valgrind is not installed.
fn instructions(binary: &Path, n: usize) -> Option<f64> {
    let mut callgrind = Command::new("valgrind");
    callgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(binary)
        .args(["compile", &n.to_string()]);
    let text = String::from_utf8_lossy(&callgrind.output().ok()?.stderr).into_owned();
    text.lines().find_map(|line| line.split("Collected :").nth(1)?.trim().parse().ok())
}

fn fresh(folder: &PathBuf) -> Result<()> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))
}

/// Returns the number of files below a folder, and their total size in bytes.
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
