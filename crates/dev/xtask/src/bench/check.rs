//! Measures `meshsynth check` on files, in comparison with kubeconform, which only validates them against schemas.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use super::measure::{Binaries, Cost, N_RUNS, call, command, measure, median, ms};

/// The numbers of services, each with five objects.
const SIZES: [usize; 3] = [400, 2000, 8000];
const PER_SERVICE: usize = 5;

/// The size of a custom resource definition in kilobytes.
const DEFINITION: usize = 3500;

/// Measures every size and prints a table.
pub fn run(binaries: &Binaries) -> Result<()> {
    println!("| input | check, ms | check, CPU s | objects per CPU second | peak, MiB | kubeconform, CPU s |");
    println!("|---|---|---|---|---|---|");
    for n in SIZES {
        let folder = written(binaries, "manifests", n)?;
        row(binaries, &folder, &format!("{} objects", n * PER_SERVICE), n * PER_SERVICE)?;
    }
    let folder = written(binaries, "definition", DEFINITION)?;
    row(binaries, &folder, &format!("a definition of {:.1} MB", DEFINITION as f64 / 1e3), 1)
}

fn written(binaries: &Binaries, what: &str, n: usize) -> Result<PathBuf> {
    let folder = binaries.folder.join(what);
    let _ = std::fs::remove_dir_all(&folder);
    call(&mut command(&binaries.bench, &[what, &n.to_string()], &[&folder]))?;
    Ok(folder)
}

fn row(binaries: &Binaries, folder: &Path, what: &str, n_objects: usize) -> Result<()> {
    let check = costs(&command(&binaries.meshsynth, &["check"], &[folder]))?;
    let peak = check.iter().map(|cost| cost.peak_kib).max().unwrap_or_default();
    let cpu = cpu(&check);
    let other = match kubeconform(folder) {
        Some(command) => format!("{:.2}", self::cpu(&costs(&command)?)),
        None => "–".to_owned(),
    };
    println!(
        "| {what} | {:.0} | {cpu:.2} | {:.0} | {:.1} | {other} |",
        ms(median(&check)),
        n_objects as f64 / cpu.max(0.01),
        peak as f64 / 1024.0,
    );
    Ok(())
}

fn costs(command: &Command) -> Result<Vec<Cost>> {
    (0..N_RUNS).map(|_| measure(command)).collect()
}

/// Returns the median of the CPU times.
fn cpu(costs: &[Cost]) -> f64 {
    let mut all: Vec<f64> = costs.iter().map(|cost| cost.cpu).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Returns the kubeconform command with local schemas, or `None` if kubeconform is not installed. The environment
/// variable `KUBECONFORM_SCHEMAS` contains the value of `-schema-location`.
fn kubeconform(folder: &Path) -> Option<Command> {
    let schemas = std::env::var_os("KUBECONFORM_SCHEMAS")?;
    let is_there = Command::new("kubeconform").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let mut command = Command::new("kubeconform");
    command.arg("-schema-location").arg(schemas).arg(folder);
    is_there.then_some(command)
}
