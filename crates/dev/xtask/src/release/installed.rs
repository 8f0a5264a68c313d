//! Checks the command after an installation with cargo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{call, cargo};

/// Installs both binaries of the command with `cargo install`, and creates a project outside this repository.
pub fn check(root: &Path, target: &Path) -> Result<()> {
    let place = target.join("release-check");
    let _ = fs::remove_dir_all(&place);
    for package in ["cli", "deploy-cli"] {
        call(cargo(root, &["install", "--quiet", "--locked", "--path", package, "--root"]).arg(&place))?;
    }
    let elsewhere = std::env::temp_dir().join(format!("meshsynth-release-{}", std::process::id()));
    fs::create_dir_all(&elsewhere)?;
    let meshsynth = |args: &[&str]| {
        let mut command = Command::new(place.join("bin/meshsynth"));
        command.args(args).current_dir(&elsewhere);
        command
    };
    call(&mut meshsynth(&["init", "shop", "--quiet", "--template", "microservices"]))?;
    call(&mut meshsynth(&["man", "man"]))?;
    // This command runs the second binary, without a call to AWS.
    call(meshsynth(&["bootstrap", "--print-policy"]).stdout(Stdio::null()))?;
    call(meshsynth(&["synth", "--quiet", "--strict"]).current_dir(elsewhere.join("shop")))?;
    for path in ["shop/synth.out/shop-staging/manifest.json", "man/meshsynth-diff.1"] {
        let path: PathBuf = elsewhere.join(path);
        if !path.exists() {
            bail!("the installed command wrote no `{}`", path.display());
        }
    }
    fs::remove_dir_all(elsewhere).context("cannot clean up")
}
