//! `meshsynth drift`: manual changes since the last deployment.

use super::context::{ClusterArgs, TargetArgs};

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth drift shop --env staging
  meshsynth drift shop --env staging --json
  meshsynth drift shop --env staging --stacks-only      without the clusters

Objects are compared by a server-side dry run, which changes nothing. Values are never printed.

Exit codes:
  0    no drift
  1    drift was found
  2    not everything can be compared: usage, credentials, permissions";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Compare only the stacks.
    #[arg(long)]
    pub stacks_only: bool,
}
