//! Vendors' schemas in, facts out: names, types and limits, no prose.

mod cfn;
mod kube;

use std::path::{Path, PathBuf};

use anyhow::Result;
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
}

/// Reduces one vendor's schemas.
pub fn run(root: &Path, command: Command) -> Result<()> {
    match command {
        Command::Cfn { from } => cfn::run(root, &from),
        Command::Kube { from } => kube::run(root, &from),
    }
}
