//! `cargo xtask test`: sets up the tools, then passes every test there is.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::tools::{self, Tools};

/// The step that is passed only where it is asked for.
const REAL: &str = "real cluster";

/// What the steps counted so far.
#[derive(Default)]
struct Tally {
    /// The steps to run; none is all.
    wanted: Vec<String>,
    known: Vec<&'static str>,
    n_passed: usize,
    n_failed: usize,
    failed_steps: Vec<&'static str>,
}

/// How a step ended.
struct Done {
    text: String,
    /// What it printed to stderr, where that was not passed on at once.
    errors: String,
    is_ok: bool,
    seconds: f64,
}

impl Done {
    fn of(command: &mut Command) -> Self {
        let start = Instant::now();
        let (text, errors, is_ok) = match command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() {
            Ok(child) => match child.wait_with_output() {
                Ok(output) => {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    (text(&output.stdout), text(&output.stderr), output.status.success())
                }
                Err(error) => (format!("{command:?} cannot be waited for: {error}\n"), String::new(), false),
            },
            Err(error) => (format!("{command:?} does not start: {error}\n"), String::new(), false),
        };
        Self { text, errors, is_ok, seconds: start.elapsed().as_secs_f64() }
    }
}

/// Runs every step, or those that are `wanted` (a later one needs what an earlier one wrote), also after one failed, and
/// ends with one line that counts them all.
pub fn run(mut wanted: Vec<String>, is_real: bool) -> Result<()> {
    let root = crate::root();
    let tools = Tools::set_up(&root)?;
    let is_wanted = |name: &str| wanted.iter().any(|it| it == name);
    let is_real = is_real || is_wanted(REAL);
    if is_real && is_wanted("cluster") {
        wanted.push(REAL.to_owned());
    }
    let mut tally = Tally { wanted, ..Tally::default() };
    let cargo = |args: &[&str]| {
        let mut command = Command::new("cargo");
        command.current_dir(&root).args(args);
        command
    };
    tally.step("format", cargo(&["fmt", "--all", "--check"]));
    tally.step("clippy", cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"]));
    tally.step("licences", tools.script(&root, &["tests/tools/licences.py"]));
    let mut packages = Command::new(std::env::current_exe()?);
    packages.current_dir(&root).args(["release", "--quick"]);
    tally.step("packages", packages);
    let mut workflows = Command::new("node");
    workflows.current_dir(&root).arg("tests/tools/workflow.mjs").arg(&tools.node);
    workflows.args(["cli/templates/ci/github.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"]);
    tally.step("workflows", workflows);
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--quiet"]);
    tests.env("INSTA_UPDATE", "no").env("MESHSYNTH_KUBECTL", &tools.kubectl).env("MESHSYNTH_PYTHON", &tools.python);
    tally.step("tests", tests);
    tally.step("every type", tools.script(&root, &["tests/tools/every_type.py"]));
    // The tests have just built it; by itself another set of features would build it again.
    let binary = built(&root).join("debug/meshsynth");
    if !tally.wants("tests") {
        tally.prepare(cargo(&["build", "--quiet", "--workspace", "--bin", "meshsynth"]))?;
    }
    let meshsynth = |args: &[&str]| {
        let mut command = Command::new(&binary);
        command.current_dir(&root).args(args);
        command
    };
    tally.step("synth", meshsynth(&["synth", "--strict"]));
    let as_yaml = meshsynth(&["synth", "--strict", "--output", "target/synth.yaml", "--format", "yaml"]);
    tally.step("synth as YAML", as_yaml);
    let walked = root.join("target/walkthrough");
    let mut walkthrough = tools.script(&root, &["tests/tools/walkthrough.py"]);
    walkthrough.arg(&walked).arg(&tools.node);
    let mut cluster = tools.script(&root, &["tests/tools/cluster.py"]);
    cluster.arg(&binary).arg(tools.node.join("layer/helm/helm"));
    let mut emulator = Command::new(&tools.emulator);
    emulator.current_dir(&root).arg("tests/tools/emulator.py").arg(&binary);
    let same_bytes = tools.script(&root, &["tests/tools/same_bytes.py"]);
    let mut side_by_side =
        vec![("walkthrough", walkthrough), ("same bytes", same_bytes), ("emulator", emulator), ("cluster", cluster)];
    if tally.wants("delivery") {
        let mut delivery = tools.script(&root, &["tests/tools/delivery.py", "--node"]);
        delivery.arg(&tools.node).arg(&binary).args(assemblies(&root.join("synth.out"))?);
        side_by_side.push(("delivery", delivery));
    }
    if tally.wants("reports") {
        side_by_side.push(("reports", reports(&root, &tools)?));
    }
    tally.side_by_side(side_by_side);
    tally.step("book", tools.script(&root, &["tests/tools/book.py"]));
    let judged = ["judge", "mutation"];
    if judged.iter().any(|name| tally.wants(name)) {
        let mut assemblies =
            [assemblies(&root.join("synth.out"))?, assemblies(&root.join("target/synth.yaml"))?].concat();
        assemblies.extend(templates(&walked.join("templates"))?);
        let mut judge = tools.script(&root, &["tests/tools/judge.py", "--node"]);
        judge.arg(&tools.node).args(&assemblies);
        let mut mutation = tools.script(&root, &["tests/tools/mutation.py", "--node"]);
        // The faults are in files of this platform.
        mutation.arg(&tools.node).args(assemblies.iter().find(|path| path.ends_with("genai-demo-production")));
        tally.step(judged[0], judge);
        tally.step(judged[1], mutation);
    }
    if is_real && tally.wants(REAL) {
        let mut real = tools.script(&root, &["tests/tools/real_cluster.py", "--server"]);
        real.arg(tools::control_plane(&root)?).arg("--kubectl").arg(&tools.kubectl);
        real.arg(&binary).args(assemblies(&root.join("synth.out"))?);
        tally.step(REAL, real);
    } else if tally.wants("cluster") {
        crate::say(&format!("--- {REAL}: left out, since it needs Go and minutes: `cargo xtask test cluster --real`"));
    }
    tally.finish()
}

/// Where cargo builds.
fn built(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// A diff of two environments of the demo, in all its forms.
fn reports(root: &Path, tools: &Tools) -> Result<Command> {
    let app = "genai-demo";
    let (base, head) = (root.join("target/reports/base"), root.join("synth.out/genai-demo-staging"));
    let _ = std::fs::remove_dir_all(&base);
    copy(&root.join("synth.out/genai-demo-production"), &base)?;
    // The other environment, under the name of this one.
    let manifest = base.join("manifest.json");
    let text = std::fs::read_to_string(&manifest)?.replace("\"genai-demo-production\"", "\"genai-demo-staging\"");
    std::fs::write(&manifest, text)?;
    let mut command = tools.script(root, &["tests/tools/report.py"]);
    command.arg(built(root).join("debug/meshsynth")).arg(&tools.node).arg(&base).arg(&head).args([app, "staging"]);
    Ok(command)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("reading `{}`", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => drop(std::fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

impl Tally {
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted == name)
    }

    /// Runs what steps need that are run by themselves.
    fn prepare(&self, mut command: Command) -> Result<()> {
        let needs_no_binary = ["format", "clippy", "licences", "packages", "workflows", "every type", "book"];
        if self.wanted.iter().all(|name| needs_no_binary.contains(&name.as_str())) {
            return Ok(());
        }
        match command.status().with_context(|| format!("running {command:?}"))?.success() {
            true => Ok(()),
            false => bail!("{command:?} failed"),
        }
    }

    /// Runs a command, shows what it prints, and counts what it passed.
    fn step(&mut self, name: &'static str, mut command: Command) {
        self.known.push(name);
        if self.wants(name) {
            eprintln!("--- {name}");
            self.count(name, Done::of(command.stderr(Stdio::inherit())));
        }
    }

    /// Runs steps that do not need each other, two at a time; each is shown as a whole once it is done.
    fn side_by_side(&mut self, steps: Vec<(&'static str, Command)>) {
        self.known.extend(steps.iter().map(|(name, _)| *name));
        let waiting: VecDeque<_> = steps.into_iter().filter(|(name, _)| self.wants(name)).collect();
        let (waiting, tally) = (Mutex::new(waiting), Mutex::new(self));
        let lane = || {
            loop {
                let next = waiting.lock().expect("no lane panics").pop_front();
                let Some((name, mut command)) = next else { break };
                let done = Done::of(command.stderr(Stdio::piped()));
                let mut tally = tally.lock().expect("no lane panics");
                eprint!("--- {name}\n{}", done.errors);
                tally.count(name, done);
            }
        };
        thread::scope(|scope| {
            scope.spawn(lane);
            lane();
        });
    }

    fn count(&mut self, name: &'static str, done: Done) {
        print!("{}", done.text);
        let (n_passed, n_failed) = counts(&done.text);
        self.n_passed += n_passed + usize::from(done.is_ok && n_passed == 0);
        self.n_failed += n_failed + usize::from(!done.is_ok && n_failed == 0);
        if !done.is_ok {
            self.failed_steps.push(name);
        }
        eprintln!("--- {name}: {} in {:.1} s", if done.is_ok { "ok" } else { "FAILED" }, done.seconds);
    }

    fn finish(self) -> Result<()> {
        if let Some(wanted) = self.wanted.iter().find(|wanted| !self.known.contains(&wanted.as_str())) {
            bail!("no step is called `{wanted}`; there are {}", self.known.join(", "));
        }
        println!("total: {} passed, {} failed", self.n_passed, self.n_failed);
        match self.failed_steps.as_slice() {
            [] => Ok(()),
            steps => bail!("failed: {}", steps.join(", ")),
        }
    }
}

/// The sums of all `N passed` and `N failed` in a text.
fn counts(text: &str) -> (usize, usize) {
    let sum = |word: &str| {
        text.lines()
            .filter(|line| line.starts_with("test result:") || line.starts_with("judged:"))
            .filter_map(|line| {
                let before = line.split(word).next().filter(|before| before.len() < line.len())?;
                before.split_whitespace().last()?.parse::<usize>().ok()
            })
            .sum()
    };
    (sum(" passed"), sum(" failed"))
}

/// What the templates of `meshsynth init` come to.
fn templates(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading `{}`", folder.display()))?;
    let outputs = entries.filter_map(|entry| Some(assemblies(&entry.ok()?.path().join("synth.out"))));
    Ok(outputs.collect::<Result<Vec<_>>>()?.concat())
}

/// The folders of all assemblies below the output folder.
fn assemblies(output: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(output).with_context(|| format!("reading `{}`", output.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("manifest.json").is_file())
        .collect();
    folders.sort();
    if folders.is_empty() {
        bail!("there is no assembly below `{}`", output.display());
    }
    Ok(folders)
}
