//! Reduces vendor schemas to facts: names, types and limits, without descriptions.

mod cfn;
mod kube;
mod versions;

use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Result, ensure};
use clap::Subcommand;

/// The vendors whose schemas can be reduced.
#[derive(Subcommand)]
pub enum Command {
    /// CloudFormation, from the schemas in the PyPI package `cfn-lint`.
    Cfn {
        /// The folder `cfnlint/data/schemas` of the unpacked package.
        #[arg(long)]
        from: PathBuf,
    },
    /// Kubernetes and custom resources. `crates/facts/schema/README.md` describes the layout of the folder.
    Kube {
        /// A folder with `kubernetes/`, `crds/`, `keda/` and `npm/`.
        #[arg(long)]
        from: PathBuf,
        /// Reduces one part, and keeps the files of the other parts.
        #[arg(long)]
        only: Option<kube::Part>,
    },
    /// AWS SAM, from the models of the PyPI package `aws-sam-translator`.
    Serverless {
        /// A Python with this package, such as `target/tools/venv/bin/python`.
        #[arg(long)]
        python: PathBuf,
    },
    /// Instance types, versions, IAM actions, managed policies and time zones, from the PyPI packages `cfn-lint`,
    /// `botocore` and `moto`.
    Literals {
        /// A Python with these packages.
        #[arg(long)]
        python: PathBuf,
        /// The npm package `aws-cdk-lib`, such as `target/tools/node/node_modules/aws-cdk-lib`.
        #[arg(long)]
        cdk: PathBuf,
    },
    /// Support calendars, tested ranges and removed API versions, from checkouts of public repositories.
    Versions {
        /// A folder with the checkouts `endoflife.date`, `karpenter-provider-aws` and `pluto`.
        #[arg(long)]
        from: PathBuf,
    },
}

/// Runs the script that reads the lists from Python packages.
fn literals(root: &Path, python: &Path, cdk: &Path) -> Result<()> {
    let out = root.join("crates/facts/schema/literals");
    let status = process::Command::new(python).arg(root.join("tests/tools/literals.py")).arg(&out).arg(cdk).status()?;
    ensure!(status.success(), "`tests/tools/literals.py` failed");
    Ok(())
}

/// Runs the script that reduces the models of AWS SAM.
fn serverless(root: &Path, python: &Path) -> Result<()> {
    let script = root.join("tests/tools/serverless.py");
    let status = process::Command::new(python).arg(script).arg(root.join("crates/facts/schema")).status()?;
    ensure!(status.success(), "`tests/tools/serverless.py` failed");
    Ok(())
}

/// Reduces one vendor's schemas.
pub fn run(root: &Path, command: Command) -> Result<()> {
    match command {
        Command::Cfn { from } => cfn::run(root, &from),
        Command::Kube { from, only } => kube::run(root, &from, only),
        Command::Serverless { python } => serverless(root, &python),
        Command::Literals { python, cdk } => literals(root, &python, &cdk),
        Command::Versions { from } => versions::run(root, &from),
    }
}
