//! `cargo xtask bench-diff`: measures `meshsynth diff` on two assemblies, in comparison with `git diff` and the diff
//! library of the CDK. Also measures it on two folders with the same templates and manifests, but without the other
//! files of an assembly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const SIZES: [usize; 4] = [50, 200, 500, 1000];
const N_RUNS: usize = 7;

/// Prints a table for two equal assemblies, and for two assemblies that differ in 1 % of their services.
pub fn run() -> Result<()> {
    let root = crate::root();
    let mut build = Command::new("cargo");
    build.current_dir(&root).args(["build", "--quiet", "--release", "-p", "meshsynth-bench", "-p", "meshsynth-cli"]);
    call(&mut build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (bench, meshsynth) = (target.join("release/meshsynth-bench"), target.join("release/meshsynth"));
    let folder = root.join("target/bench-diff");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("making `{}`", folder.display()))?;
    fs::write(folder.join("meshsynth.toml"), "[apps.bench]\nrun = [\"none\"]\n")?;
    let node = root.join("target/tools/node");
    println!(
        "| services | equal, ms | 1 % changed, ms | `git diff --no-index --stat`, equal and changed, ms | ratio to git, equal and changed | CDK library on the templates, ms | ratio of folders to assemblies, equal and changed |"
    );
    println!("|---|---|---|---|---|---|---|");
    for n in SIZES {
        let n_text = n.to_string();
        for side in ["a", "b"] {
            let _ = fs::remove_dir_all(folder.join(side));
            call(Command::new(&bench).args(["synth", &n_text, side]).current_dir(&folder))?;
        }
        let diff = |base: &str, head: &str| {
            let mut command = Command::new(&meshsynth);
            command.args(["diff", "--base", base, "--head", head, "--format", "json"]).current_dir(&folder);
            command
        };
        let (ours, of_folders) = (|| diff("a", "b"), || diff("a-files", "b-files"));
        let git = || {
            let mut command = Command::new("git");
            command.args(["diff", "--no-index", "--stat", "a", "b"]).current_dir(&folder);
            command
        };
        deployable(&folder)?;
        let (same, git_same, folders_same) = (median(ours)?, median(git)?, median(of_folders)?);
        call(Command::new(&bench).args(["change", &n_text, "b"]).current_dir(&folder))?;
        deployable(&folder)?;
        let (changed, git_changed, folders_changed) = (median(ours)?, median(git)?, median(of_folders)?);
        let cdk = match node.join("node_modules/@aws-cdk/cloudformation-diff").exists() {
            true => format!("{:.0}", ms(median(|| cdk(&root, &node, &folder))?)),
            false => "– (`cargo xtask test` installs it)".to_owned(),
        };
        println!(
            "| {n} | {:.0} | {:.0} | {:.0}, {:.0} | {:.1}, {:.1} | {cdk} | {:.1}, {:.1} |",
            ms(same),
            ms(changed),
            ms(git_same),
            ms(git_changed),
            same.as_secs_f64() / git_same.as_secs_f64(),
            changed.as_secs_f64() / git_changed.as_secs_f64(),
            folders_same.as_secs_f64() / same.as_secs_f64(),
            folders_changed.as_secs_f64() / changed.as_secs_f64(),
        );
    }
    Ok(())
}

/// Copies only the templates and manifests of both assemblies, which are the files that other tools also write.
fn deployable(folder: &Path) -> Result<()> {
    for side in ["a", "b"] {
        let to = folder.join(format!("{side}-files"));
        let _ = fs::remove_dir_all(&to);
        copy(&folder.join(side), &to)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("making `{}`", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("reading `{}`", from.display()))? {
        let entry = entry.with_context(|| format!("reading `{}`", from.display()))?;
        let (path, name) = (entry.path(), entry.file_name());
        let text = name.to_string_lossy();
        if path.is_dir() {
            copy(&path, &to.join(&name))?;
        } else if text.ends_with(".template.json") || text.ends_with(".yaml") {
            fs::copy(&path, to.join(&name)).with_context(|| format!("copying `{}`", path.display()))?;
        }
    }
    Ok(())
}

fn cdk(root: &Path, node: &Path, folder: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(root.join("tests/tools/cdk_time.mjs")).arg(node).args(["a", "b"]).current_dir(folder);
    command
}

fn median(command: impl Fn() -> Command) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..N_RUNS {
        let mut command = command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
        times.push(start.elapsed());
        // `git diff --no-index` exits with 1 if the folders differ.
        if !matches!(status.code(), Some(0 | 1)) {
            bail!("{command:?} ended with {status}");
        }
    }
    times.sort();
    Ok(times[times.len() / 2])
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn call(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
