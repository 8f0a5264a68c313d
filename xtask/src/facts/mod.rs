//! Vendors' schemas in, facts out: names, types and limits, no prose.

mod cfn;
mod kube;

use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Result, ensure};
use clap::Subcommand;

/// The vendors whose schemas are reduced.
#[derive(Subcommand)]
pub enum Command {
    /// CloudFormation, from the schemas in the PyPI package `cfn-lint`.
    Cfn {
        /// The folder `cfnlint/data/schemas` of the unpacked package.
        #[arg(long)]
        from: PathBuf,
    },
    /// Kubernetes and the custom resources beside it; `types/schema/README.md` says how to lay out the folder.
    Kube {
        /// A folder with `kubernetes/`, `crds/`, `keda/` and `npm/`.
        #[arg(long)]
        from: PathBuf,
    },
    /// Types of instances, actions of IAM and time zones, from the PyPI packages `cfn-lint` and `botocore`.
    Literals {
        /// A Python with both packages, such as `target/tools/venv/bin/python`.
        #[arg(long)]
        python: PathBuf,
    },
}

/// Runs the script that reads the lists out of packages of Python.
fn literals(root: &Path, python: &Path) -> Result<()> {
    let out = root.join("types/schema/literals");
    let status = process::Command::new(python).arg(root.join("tests/tools/literals.py")).arg(&out).status()?;
    ensure!(status.success(), "`tests/tools/literals.py` failed");
    Ok(())
}

/// Reduces one vendor's schemas.
pub fn run(root: &Path, command: Command) -> Result<()> {
    match command {
        Command::Cfn { from } => cfn::run(root, &from),
        Command::Kube { from } => kube::run(root, &from),
        Command::Literals { python } => literals(root, &python),
    }
}
