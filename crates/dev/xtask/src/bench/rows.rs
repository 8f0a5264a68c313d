//! The programs that have a performance budget.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::measure::call;

/// The measured program of a row.
#[derive(Clone, Copy)]
pub enum Program {
    /// `meshsynth-bench`.
    Bench,
    /// `meshsynth`.
    Command,
}

/// One measured program with its input.
pub struct Row {
    /// The name of the row in `crates/dev/benches/budgets.toml`.
    pub name: &'static str,
    /// The size of the input. The growth test also measures half of it.
    pub size: usize,
    /// Subcommands of `meshsynth-bench` that write the input. `{n}` is the size.
    input: &'static [&'static str],
    /// The measured program.
    pub program: Program,
    /// Its arguments. `{n}` is the size.
    args: &'static str,
}

impl Row {
    /// Writes the input for a size into a new folder.
    pub fn prepare(&self, bench: &Path, root: &Path, size: usize) -> Result<PathBuf> {
        let folder = root.join(format!("{}-of-{size}", self.name));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
        let program = bench.to_str().context("the path of the binary is not UTF-8")?;
        let config = format!("[apps.bench]\nrun = [{program:?}, \"program\", \"{size}\"]\n");
        fs::write(folder.join("meshsynth.toml"), config).context("writing `meshsynth.toml`")?;
        for line in self.input {
            call(Command::new(bench).args(words(line, size)).current_dir(&folder))?;
        }
        Ok(folder)
    }

    /// The arguments of the measured program for a size.
    pub fn args(&self, size: usize) -> Vec<String> {
        words(self.args, size)
    }
}

fn words(line: &str, size: usize) -> Vec<String> {
    line.split(' ').map(|word| word.replace("{n}", &size.to_string())).collect()
}

const fn bench(name: &'static str, size: usize, args: &'static str) -> Row {
    Row { name, size, input: &[], program: Program::Bench, args }
}

const fn command(name: &'static str, size: usize, input: &'static [&'static str], args: &'static str) -> Row {
    Row { name, size, input, program: Program::Command, args }
}

/// All rows. The slowest rows are first, so that both parallel runs end at about the same time.
pub const ROWS: [Row; 14] = [
    bench("compile-1000", 1000, "compile {n}"),
    command("synth-200", 200, &[], "synth --quiet"),
    command("reach-internet-250", 250, &["synth {n} out"], "reach --assembly out --from internet"),
    command("reach-pair-250", 250, &["synth {n} out"], "reach --assembly out --from service-3 --to service-2"),
    command(
        "diff-200-changed",
        200,
        &["synth {n} base", "synth {n} head", "change {n} head"],
        "diff --base base --head head --format json",
    ),
    command("diff-200-equal", 200, &["synth {n} base", "synth {n} head"], "diff --base base --head head --format json"),
    command(
        "diff-500-objects",
        500,
        &["objects {n} base", "objects {n} head changed"],
        "diff --base base --head head --format json",
    ),
    command(
        "diff-200-resources",
        200,
        &["resources {n} base", "resources {n} head changed"],
        "diff --base base --head head --format json",
    ),
    command("check-2000-objects", 400, &["manifests {n} manifests"], "check manifests"),
    command("check-map-20000", 20_000, &["map {n} map"], "check map"),
    command("adopt-200", 200, &["template {n} template"], "adopt template --no-proof --into project"),
    bench("compile-200", 200, "compile {n}"),
    bench("check-in-memory-400", 400, "check {n}"),
    bench("compile-6", 6, "compile {n}"),
];
