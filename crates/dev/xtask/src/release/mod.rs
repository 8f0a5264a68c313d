//! `cargo xtask release`: checks that a release is complete before it is tagged.

pub mod formula;
pub mod image;
mod installed;
mod packages;
mod static_binary;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The extent of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only packages, without compilation.
    Packages,
    /// Also static binaries without optimizations, which run in an empty root file system.
    Quick,
    /// Also builds of each crate from its package, documentation as on docs.rs, an installation with cargo, and equal
    /// output of an optimized program.
    Whole,
}

/// Checks a release.
pub fn run(root: &Path, scope: Scope) -> Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |it| root.join(it));
    packages::run(root, &target, scope == Scope::Whole)?;
    if scope != Scope::Packages {
        let binaries = static_binary::build(root, &target, scope == Scope::Whole)?;
        image::check(&binaries, &target.join("release-root"))?;
    }
    if scope == Scope::Whole {
        packages::document(root)?;
        installed::check(root, &target)?;
        call(Command::new("python3").current_dir(root).args(["tests/tools/same_bytes.py", "--release"]))?;
    }
    Ok(())
}

fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(args).stdin(Stdio::null());
    command
}

fn call(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Returns the output of a command to stdout.
fn answer(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the path of a system program.
fn in_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}
