//! `cargo xtask bench --check`: compares instructions, allocations and peak memory with `crates/dev/benches/budgets.toml`.
//!
//! Callgrind counts the instructions of the measured process and its children. In the same run, the allocator of
//! `crates/dev/benches/src/counting.rs` counts the allocations and the peak of the allocated bytes; its own instructions are about 2 %
//! of the count. No value depends on the load of the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use toml_edit::{DocumentMut, value};

use super::measure::build_counted;
use super::rows::{Program, ROWS, Row};

/// A value that exceeds its budget by this share fails the check.
const TOLERANCE: f64 = 0.03;

/// The largest ratio of the instructions for the input and for half of it, unless the row has another `max_growth`.
const MAX_GROWTH: f64 = 2.2;

const N_LANES: usize = 2;

/// The resources that one program used.
struct Usage {
    instructions: u64,
    allocations: u64,
    peak_bytes: u64,
}

impl Usage {
    fn values(&self) -> [(&'static str, u64); 3] {
        [("instructions", self.instructions), ("allocations", self.allocations), ("peak_bytes", self.peak_bytes)]
    }
}

/// The resources that one row used, and the growth of its instructions.
struct Measured {
    row: &'static Row,
    usage: Usage,
    growth: f64,
}

/// The measured programs, with the counting allocator.
struct Binaries {
    folder: PathBuf,
    release: PathBuf,
}

impl Binaries {
    fn get(&self, program: Program) -> PathBuf {
        self.release.join(match program {
            Program::Bench => "bench-counted",
            Program::Command => "meshsynth-counted",
        })
    }
}

/// Measures every row and compares it with its budget; `is_update` writes the budgets instead.
///
/// `only` restricts the rows to those whose name contains one of its texts.
pub fn run(only: &[String], is_update: bool) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("skipped: the budgets are recorded for x86-64 Linux");
        return Ok(());
    }
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        bail!("`cargo xtask bench --check` requires valgrind: install the package `valgrind`");
    }
    let release = build_counted()?;
    let folder = release.join("../bench/budgets");
    fs::create_dir_all(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
    let folder = folder.canonicalize().with_context(|| format!("resolving `{}`", folder.display()))?;
    let binaries = Binaries { folder, release };
    let is_wanted = |row: &&Row| only.is_empty() || only.iter().any(|text| row.name.contains(text.as_str()));
    let rows: Vec<&'static Row> = ROWS.iter().filter(is_wanted).collect();
    let measured = measured(&binaries, &rows)?;
    let path = crate::root().join("crates/dev/benches/budgets.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("reading `{}`", path.display()))?;
    let budgets: DocumentMut = text.parse().with_context(|| format!("parsing `{}`", path.display()))?;
    if is_update {
        return fs::write(&path, updated(budgets, &measured)).with_context(|| format!("writing `{}`", path.display()));
    }
    compare(&budgets, &measured)
}

/// Measures all rows, two at a time, in the order of the table.
fn measured(binaries: &Binaries, rows: &[&'static Row]) -> Result<Vec<Measured>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..N_LANES {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = measure(binaries, row).with_context(|| format!("measuring `{}`", row.name));
                    results.lock().expect("no lane panics").push((row.name, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no lane panics");
    results.sort_by_key(|(name, _)| *name);
    results.into_iter().map(|(_, result)| result).collect()
}

fn measure(binaries: &Binaries, row: &'static Row) -> Result<Measured> {
    let usage = usage(binaries, row, row.size)?;
    let half = self::usage(binaries, row, row.size / 2)?;
    let growth = usage.instructions as f64 / half.instructions as f64;
    Ok(Measured { row, usage, growth })
}

/// Counts the instructions and allocations of a row and of the processes that it starts, and the largest peak of one of
/// these processes.
fn usage(binaries: &Binaries, row: &Row, size: usize) -> Result<Usage> {
    let folder = row.prepare(&binaries.get(Program::Bench), &binaries.folder, size)?;
    let (logs, counts) = (fresh(&folder, "callgrind")?, fresh(&folder, "counts")?);
    let mut command = Command::new("valgrind");
    // Valgrind runs one thread at a time in a fixed order, so that the peak is the same in every run.
    command.args(["--tool=callgrind", "--fair-sched=yes", "--trace-children=yes", "--callgrind-out-file=/dev/null"]);
    command.arg(format!("--log-file={}/%p", logs.display())).arg(binaries.get(row.program));
    run_in(&folder, command.args(row.args(size)).env("MESHSYNTH_COUNTS", &counts))?;
    let mut usage = Usage { instructions: 0, allocations: 0, peak_bytes: 0 };
    for text in texts(&logs)? {
        let count = text.lines().find_map(|line| line.split("Collected :").nth(1)?.trim().parse::<u64>().ok());
        usage.instructions += count.with_context(|| format!("callgrind reported no instructions:\n{text}"))?;
    }
    for text in texts(&counts)? {
        let (n, peak) = text.split_once(' ').with_context(|| format!("`{text}` is not two numbers"))?;
        usage.allocations += n.parse::<u64>()?;
        usage.peak_bytes = peak.parse::<u64>()?.max(usage.peak_bytes);
    }
    Ok(usage)
}

fn fresh(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::create_dir_all(&path).with_context(|| format!("creating `{}`", path.display()))?;
    Ok(path)
}

fn texts(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading `{}`", folder.display()))?;
    let texts = entries.map(|entry| Ok(fs::read_to_string(entry?.path())?)).collect::<Result<Vec<_>>>()?;
    if texts.is_empty() {
        bail!("no process wrote a file into `{}`", folder.display());
    }
    Ok(texts)
}

/// Runs a program that must succeed, and shows its output otherwise.
fn run_in(folder: &Path, command: &mut Command) -> Result<()> {
    let done = command.current_dir(folder).stdin(Stdio::null()).output();
    let done = done.with_context(|| format!("starting {command:?}"))?;
    if !done.status.success() {
        let text = String::from_utf8_lossy(&done.stderr);
        bail!("{command:?} ended with {}:\n{text}", done.status);
    }
    Ok(())
}

/// Prints a table, and fails if a value exceeds its budget.
fn compare(budgets: &DocumentMut, measured: &[Measured]) -> Result<()> {
    let (mut exceeded, mut improved) = (Vec::new(), Vec::new());
    println!("| row | value | measured | budget | difference |");
    println!("|---|---|---|---|---|");
    for Measured { row, usage, growth } in measured {
        for (name, value) in usage.values() {
            let budget = budgets.get(row.name).and_then(|it| it.get(name)).and_then(|it| it.as_integer());
            let Some(budget) = budget.filter(|it| *it > 0) else {
                exceeded.push(format!("{} has no budget for {name}; measured {value}", row.name));
                continue;
            };
            let share = value as f64 / budget as f64 - 1.0;
            println!("| {} | {name} | {value} | {budget} | {:+.1} % |", row.name, share * 100.0);
            let text = format!("{}: {name} {value}, budget {budget} ({:+.1} %)", row.name, share * 100.0);
            match share {
                share if share > TOLERANCE => exceeded.push(text),
                share if share < -TOLERANCE => improved.push(text),
                _ => {}
            }
        }
        let max_growth = budgets.get(row.name).and_then(|it| it.get("max_growth")).and_then(|it| it.as_float());
        let max_growth = max_growth.unwrap_or(MAX_GROWTH);
        println!("| {} | growth | {growth:.2} | {max_growth} | |", row.name);
        if *growth > max_growth {
            exceeded.push(format!("{}: twice the input needs {growth:.2} times the instructions", row.name));
        }
    }
    if !improved.is_empty() {
        println!("more than 3 % below the budget: lower the budget with `cargo xtask bench --check --update`");
        improved.iter().for_each(|text| println!("  {text}"));
    }
    let n_checked = measured.len() * 4;
    println!("judged: {} passed, {} failed", n_checked - exceeded.len(), exceeded.len());
    match exceeded.as_slice() {
        [] => Ok(()),
        exceeded => bail!("the performance budget is exceeded:\n  {}", exceeded.join("\n  ")),
    }
}

/// The file with the measured values. Comments stay.
fn updated(mut budgets: DocumentMut, measured: &[Measured]) -> String {
    for Measured { row, usage, .. } in measured {
        for (name, count) in usage.values() {
            budgets[row.name][name] = value(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
    budgets.to_string()
}
