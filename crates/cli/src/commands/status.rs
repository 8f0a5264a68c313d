//! `meshsynth status`: the state of the stacks, the owner of the lock, and the last deployment from this folder.

use super::context::TargetArgs;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth status shop --env staging           stack states in AWS, and the last deployment
  meshsynth status shop --env staging --json    the same as JSON

Exit codes:
  0    the states were read
  2    the states cannot be read: usage, credentials, permissions";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
}
