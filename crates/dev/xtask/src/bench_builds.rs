//! `cargo xtask bench-builds`: measures the cost of full and incremental builds.
//!
//! The CPU time includes the command and all processes that it waits for. Measure on an idle machine, because other
//! work can double the result. The peak memory is that of the largest process.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The number of measured edits. The result is the median.
const N_EDITS: usize = 5;
/// The line counts of the edited programs.
const PROGRAMS: [usize; 2] = [130, 1_100];
/// A service that no construct uses.
const SERVICE: &str = "athena";

/// The cost of a command.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: f64,
    peak_kib: u64,
}

/// Runs the measured builds in a separate folder, and prints a table.
pub fn run() -> Result<()> {
    let root = crate::root();
    let folder = root.join("target/bench-builds");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    println!("| what | CPU, s | wall, s | peak, MiB |");
    println!("|---|---|---|---|");
    let target = folder.join("command");
    row("the command, from nothing", build(&root, &target, "meshsynth-cli")?);
    row("`meshsynth-deploy`, after it", build(&root, &target, "meshsynth-deploy-cli")?);
    let meshsynth = target.join("debug/meshsynth");
    let mut reference = at(&meshsynth, &root, &target, &["synth"]);
    reference.arg("--output").arg(folder.join("reference"));
    row("all reference platforms, after the command", measure(reference)?);

    let project = Project::new(&meshsynth, &folder)?;
    project.write(PROGRAMS[0], 0)?;
    row("a project, from nothing: `synth`", project.synth()?);
    let manifest = project.folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    let services = format!(
        "[dependencies]\nmeshsynth-services = {{ path = \"{}\", features = [\"{SERVICE}\"] }}",
        root.join("services").display()
    );
    fs::write(&manifest, text.replacen("[dependencies]", &services, 1))?;
    row("the same project with one more service", project.synth()?);
    fs::write(&manifest, text)?;
    for n_lines in PROGRAMS {
        project.write(n_lines, 0)?;
        project.synth()?;
        let mut costs = Vec::new();
        for edit in 1..=N_EDITS {
            project.write(n_lines, edit)?;
            costs.push(project.synth()?);
        }
        costs.sort_by_key(|cost| cost.wall);
        row(&format!("one line of {n_lines} edited: `synth`"), costs[N_EDITS / 2]);
        row(&format!("nothing edited, {n_lines} lines: `synth`"), project.synth()?);
    }
    fs::remove_dir_all(&folder).context("cannot clean up")
}

fn row(what: &str, cost: Cost) {
    let Cost { wall, cpu, peak_kib } = cost;
    println!("| {what} | {cpu:.1} | {:.2} | {:.0} |", wall.as_secs_f64(), peak_kib as f64 / 1024.0);
}

/// Builds a package of this repository into a folder.
fn build(root: &Path, target: &Path, package: &str) -> Result<Cost> {
    let mut command = Command::new("cargo");
    command.args(["build", "--quiet", "--package", package]).current_dir(root).env("CARGO_TARGET_DIR", target);
    measure(command)
}

/// Returns the command for a project folder, with another folder for build output.
fn at(meshsynth: &Path, folder: &Path, target: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(meshsynth);
    command.args(args).current_dir(folder).env("CARGO_TARGET_DIR", target);
    command
}

/// A user project outside this workspace.
struct Project {
    meshsynth: PathBuf,
    folder: PathBuf,
    target: PathBuf,
}

impl Project {
    fn new(meshsynth: &Path, parent: &Path) -> Result<Self> {
        let target = parent.join("project");
        measure(at(meshsynth, parent, &target, &["init", "shop", "--quiet"]))?;
        Ok(Self { meshsynth: meshsynth.to_owned(), folder: parent.join("shop"), target })
    }

    /// Writes a program with about `n_lines` lines. An edit changes one of them.
    fn write(&self, n_lines: usize, edit: usize) -> Result<()> {
        let mut text = "//! Services in a namespace.\n\nuse meshsynth::mesh::{Namespace, Workload, WorkloadProps};\n\
            use meshsynth::{App, Env, Stack, aws, eks};\n\n/// Defines the platform.\npub fn platform(app: &App) {\n    \
            let stack = |id: &str| Stack::new(app, id, Env::region(\"eu-west-1\"));\n    \
            let vpc = aws::Vpc::new(&stack(\"network\"), \"vpc\", Default::default());\n    \
            let platform = stack(\"platform\");\n    \
            let cluster = eks::Cluster::new(&platform, \"cluster\", &vpc, Default::default());\n    \
            let shop = Namespace::new(&platform, \"shop\", &cluster, Default::default());\n"
            .to_owned();
        let n_services = n_lines.saturating_sub(14) / 10;
        for idx in 0..n_services {
            writeln!(text, "    service_{idx}(&shop);")?;
        }
        text += "}\n";
        for idx in 0..n_services {
            let tag = if idx == 0 { edit } else { 0 };
            write!(
                text,
                "\nfn service_{idx}(shop: &Namespace) {{\n    let image = \"registry.example/service:{tag}\";\n    \
                 let props = WorkloadProps::default();\n    \
                 let workload = Workload::new(shop, \"service-{idx}\", image, props);\n    \
                 workload.env(\"INDEX\", \"{idx}\");\n    workload.env(\"GREETING\", \"hello\");\n}}\n"
            )?;
        }
        fs::write(self.folder.join("src/lib.rs"), text).context("cannot write the program")
    }

    fn synth(&self) -> Result<Cost> {
        measure(at(&self.meshsynth, &self.folder, &self.target, &["synth", "--quiet"]))
    }
}

/// Runs a command with GNU time, which reports the cost of the command and its processes.
fn measure(command: Command) -> Result<Cost> {
    let mut timed = Command::new("time");
    timed.args(["-f", "%U %S %M"]).arg(command.get_program()).args(command.get_args());
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let start = Instant::now();
    let done = timed.stdin(Stdio::null()).output().context("GNU time is missing: install the package `time`")?;
    let wall = start.elapsed();
    let text = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        bail!("{command:?} ended with {}:\n{text}", done.status);
    }
    let figures: Vec<f64> =
        text.lines().last().unwrap_or_default().split(' ').filter_map(|word| word.parse().ok()).collect();
    let &[user, system, peak] = figures.as_slice() else { bail!("unexpected output of GNU time: {text}") };
    Ok(Cost { wall, cpu: user + system, peak_kib: peak as u64 })
}
