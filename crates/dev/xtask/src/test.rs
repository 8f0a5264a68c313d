//! `cargo xtask test`: installs the tools, and runs all tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::steps::{Step, Tally};
use crate::tools::{self, Tools};

/// The step that runs only on request.
const REAL: &str = "real cluster";
const REAL_POLICIES: &str = "real policies";
const REAL_ISTIOD: &str = "real istiod";
const REAL_DIFF: &str = "real kubectl diff";
const REAL_LISTINGS: &str = "real listings";
const REALS: [&str; 5] = [REAL, REAL_POLICIES, REAL_ISTIOD, REAL_DIFF, REAL_LISTINGS];

/// Makes cargo compile the workspace crates with clippy, which is rustc with more lints.
const CLIPPY: &str = "build.rustc-workspace-wrapper='clippy-driver'";

/// Turns warnings of clippy into errors, like `cargo clippy -- --deny warnings`.
fn linted(mut command: Command) -> Command {
    command.env("CLIPPY_ARGS", "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

/// Runs all steps, or those in `wanted`, and continues after failures. Steps may need the output of previous steps.
/// Ends with one line that contains all counts.
pub fn run(mut wanted: Vec<String>, is_real: bool) -> Result<()> {
    let root = &crate::root();
    let is_wanted = |name: &str| wanted.iter().any(|it| it == name);
    let is_real = is_real || REALS.into_iter().any(is_wanted);
    if is_real && is_wanted("cluster") {
        wanted.extend(REALS.map(str::to_owned));
    }
    let mut tally = Tally::new(wanted);
    // Download and compile in parallel.
    let (tools, compiled) = thread::scope(|scope| {
        let tools = scope.spawn(|| Tools::set_up(root));
        let compiled = compile(&mut tally, root);
        (tools.join().expect("the set-up does not panic"), compiled)
    });
    compiled?;
    if tally.is_whole() && tally.has_failed("clippy") {
        // The build failed, so no other step can run.
        return tally.finish();
    }
    let tools = &tools?;
    let binary = &built(root).join("debug/meshsynth");
    let is_whole = tally.is_whole();
    let mut steps = judges_of_programs(root, tools, binary, is_whole);
    steps.extend(judges_of_files(root, tools));
    tally.run(steps);
    if is_real && tally.wants(REAL_POLICIES) {
        let mut policies = tools.script(root, &["tests/tools/admission.py", "--server"]);
        policies.arg(tools::control_plane(root)?).arg(binary);
        tally.step(REAL_POLICIES, policies);
    }
    if is_real && tally.wants(REAL_ISTIOD) {
        let mut istiod = tools.script(root, &["tests/tools/istiod.py", "--istiod"]);
        istiod.arg(tools::istiod(root)?).args(assemblies(&root.join("synth.out"))?);
        tally.step(REAL_ISTIOD, istiod);
    }
    if is_real && tally.wants(REAL_DIFF) {
        let mut diff = tools.script(root, &["tests/tools/other_diffs.py"]);
        diff.arg(&tools.node).arg("--server").arg(tools::control_plane(root)?);
        tally.step(REAL_DIFF, diff);
    }
    if is_real && tally.wants(REAL_LISTINGS) {
        let mut listings = tools.script(root, &["tests/tools/listed.py", "--server"]);
        listings.arg(tools::control_plane(root)?).arg("--kubectl").arg(&tools.kubectl);
        listings.arg(binary).args(assemblies(&root.join("synth.out"))?);
        tally.step(REAL_LISTINGS, listings);
    }
    if is_real && tally.wants(REAL) {
        let mut real = tools.script(root, &["tests/tools/real_cluster.py", "--server"]);
        real.arg(tools::control_plane(root)?).arg("--kubectl").arg(&tools.kubectl);
        real.arg(binary).args(assemblies(&root.join("synth.out"))?);
        tally.step(REAL, real);
    } else if tally.wants("cluster") {
        crate::say(&format!(
            "--- {REAL}: skipped, because it requires Go and several minutes; run it with `cargo xtask test cluster --real`"
        ));
    }
    tally.finish()
}

/// Runs the steps for the sources, and builds the tests and the command.
fn compile(tally: &mut Tally, root: &Path) -> Result<()> {
    tally.step("format", cargo(root, &["fmt", "--all", "--check"]));
    if tally.is_whole() {
        // Clippy runs as part of the test build, because a separate run takes minutes. The setting is on the command
        // line, so that builds inside the tests do not use it.
        let build = ["--config", CLIPPY, "test", "--quiet", "--workspace", "--all-targets", "--no-run"];
        tally.step("clippy", linted(cargo(root, &build)));
        return Ok(());
    }
    let check = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    tally.step("clippy", cargo(root, &check));
    let need_no_binary = [
        "format",
        "clippy",
        "budgets",
        "tests",
        "licences",
        "packages",
        "workflows",
        "installer",
        "action",
        "every type",
        "book",
    ];
    if tally.wants_other_than(&need_no_binary) {
        let mut build =
            cargo(root, &["build", "--quiet", "--workspace", "--bin", "meshsynth", "--bin", "meshsynth-deploy"]);
        if !build.status().with_context(|| format!("running {build:?}"))?.success() {
            bail!("{build:?} failed");
        }
    }
    Ok(())
}

/// Returns the steps that run programs: tests, the command for every platform and page, deployments, and validators.
fn judges_of_programs<'a>(root: &'a Path, tools: &'a Tools, binary: &'a Path, is_whole: bool) -> Vec<Step<'a>> {
    let walked = root.join("target/walkthrough");
    let (as_json, as_yaml) = (root.join("synth.out"), root.join("target/synth.yaml"));
    let judged = {
        let (as_json, walked) = (as_json.clone(), walked.clone());
        move || {
            anyhow::Ok([assemblies(&as_json)?, assemblies(&as_yaml)?, templates(&walked.join("templates"))?].concat())
        }
    };
    let delivered = as_json.clone();
    let meshsynth = move |args: &[&str]| {
        let mut command = Command::new(binary);
        command.current_dir(root).args(args);
        command
    };
    vec![
        // The longest steps, and the dependencies of other steps, are first.
        Step::new("walkthrough", move || {
            let mut command = tools.script(root, &["tests/tools/walkthrough.py"]);
            command.arg(&walked).arg(&tools.node).arg(binary);
            Ok(command)
        }),
        // The release build has a separate lock in the target folder, and other steps do not affect the counts.
        Step::new("budgets", move || {
            let mut command = Command::new(std::env::current_exe()?);
            command.current_dir(root).args(["bench", "--check"]);
            Ok(command)
        }),
        Step::new("synth", move || Ok(meshsynth(&["synth", "--strict"]))).builds(),
        Step::new("synth as YAML", move || {
            Ok(meshsynth(&["synth", "--strict", "--output", "target/synth.yaml", "--format", "yaml"]))
        })
        .after(&["synth"])
        .builds(),
        Step::new("judge", move || {
            let mut command = tools.script(root, &["tests/tools/judge.py", "--node"]);
            command.arg(&tools.node).args(judged()?);
            Ok(command)
        })
        .after(&["walkthrough", "synth", "synth as YAML"]),
        Step::new("tests", move || Ok(tests(root, tools, is_whole))),
        Step::new("same bytes", move || {
            let mut command = tools.script(root, &["tests/tools/same_bytes.py"]);
            if is_whole {
                command.arg(built(root).join("debug").join("genai-demo"));
            }
            Ok(command)
        })
        .after(&["synth as YAML"])
        .builds(),
        Step::new("emulator", move || {
            let mut command = Command::new(&tools.emulator);
            command.current_dir(root).arg("tests/tools/emulator.py").arg(binary);
            Ok(command)
        })
        .after(&["synth"]),
        Step::new("cluster", move || {
            let mut command = tools.script(root, &["tests/tools/cluster.py"]);
            command.arg(binary).arg(tools.node.join("layer/helm/helm"));
            Ok(command)
        })
        .after(&["synth"]),
        Step::new("delivery", move || {
            let mut command = tools.script(root, &["tests/tools/delivery.py", "--node"]);
            command.arg(&tools.node).arg(binary).args(assemblies(&delivered)?);
            Ok(command)
        })
        .after(&["synth"]),
        Step::new("reports", move || reports(root, tools)).after(&["synth"]),
        Step::new("mutation", move || {
            let mut command = tools.script(root, &["tests/tools/mutation.py", "--node"]);
            // The step changes copies of the files of this platform.
            command.arg(&tools.node).arg(as_json.join("genai-demo-production"));
            Ok(command)
        })
        .after(&["synth"]),
        Step::new("book", move || Ok(tools.script(root, &["tests/tools/book.py"]))).after(&["synth"]),
        Step::new("adopt", move || {
            let mut command = tools.script(root, &["tests/tools/adopt.py", "--node"]);
            command.arg(&tools.node).arg(binary);
            Ok(command)
        })
        .after(&["synth"]),
    ]
}

/// Returns the steps that check files of the repository, and types that no program uses.
fn judges_of_files<'a>(root: &'a Path, tools: &'a Tools) -> Vec<Step<'a>> {
    vec![
        Step::new("licences", move || Ok(tools.script(root, &["tests/tools/licences.py"]))),
        Step::new("packages", move || {
            let mut command = Command::new(std::env::current_exe()?);
            command.current_dir(root).args(["release", "--packages"]);
            Ok(command)
        }),
        Step::new("workflows", move || {
            let mut command = Command::new("node");
            command.current_dir(root).arg("tests/tools/workflow.mjs").arg(&tools.node);
            command.arg(tools.python.with_file_name("zizmor"));
            command.args(["action.yml", "templates/ci/github.yml", ".github/dependabot.yml"]);
            command.args([".github/workflows/ci.yml", ".github/workflows/release.yml"]);
            Ok(command)
        }),
        Step::new("other diffs", move || {
            let mut command = tools.script(root, &["tests/tools/other_diffs.py"]);
            command.arg(&tools.node);
            Ok(command)
        }),
        Step::new("installer", move || Ok(tools.script(root, &["tests/tools/installer.py"]))),
        Step::new("action", move || Ok(tools.script(root, &["tests/tools/action.py"]))),
        Step::new("every type", move || Ok(tools.script(root, &["tests/tools/every_type.py"]))).builds(),
    ]
}

fn tests(root: &Path, tools: &Tools, is_whole: bool) -> Command {
    let test = ["test", "--workspace", "--no-fail-fast", "--quiet"];
    let mut tests = match is_whole {
        true => linted(cargo(root, &[["--config", CLIPPY].as_slice(), &test].concat())),
        false => cargo(root, &test),
    };
    tests.env("INSTA_UPDATE", "no").env("MESHSYNTH_KUBECTL", &tools.kubectl).env("MESHSYNTH_PYTHON", &tools.python);
    tests.env("MESHSYNTH_HELM", tools.node.join("layer/helm/helm"));
    tests
}

fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(args);
    command
}

/// Returns the target folder of cargo.
fn built(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// Returns the command for a diff between two environments of the demo, in all formats.
fn reports(root: &Path, tools: &Tools) -> Result<Command> {
    let app = "genai-demo";
    let (base, head) = (root.join("target/reports/base"), root.join("synth.out/genai-demo-staging"));
    let _ = std::fs::remove_dir_all(&base);
    copy(&root.join("synth.out/genai-demo-production"), &base)?;
    // Give both environments the same name, so that the diff compares them.
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

/// Returns the assemblies of the `meshsynth init` templates. A rule pack has no output.
fn templates(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading `{}`", folder.display()))?;
    let projects =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|it| it.join("meshsynth.toml").is_file());
    let outputs = projects.map(|project| assemblies(&project.join("synth.out")));
    Ok(outputs.collect::<Result<Vec<_>>>()?.concat())
}

/// Returns the folders of all assemblies below the output folder.
fn assemblies(output: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(output).with_context(|| format!("reading `{}`", output.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("manifest.json").is_file())
        .collect();
    folders.sort();
    if folders.is_empty() {
        bail!("no assembly below `{}`", output.display());
    }
    Ok(folders)
}
