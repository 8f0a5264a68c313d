//! `meshsynth destroy`: deletes deployed stacks and objects, or leftovers of earlier outputs.

use std::path::PathBuf;

use super::context::{ClusterArgs, TargetArgs};

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth destroy shop --env staging           prompts for the name of the app
  meshsynth destroy shop --env staging --yes     for CI

Objects and Helm releases are deleted first, then the stacks in reverse order of their dependencies.
Retained resources remain in AWS and are listed.

The stacks of the output are deleted, so the program is not run; a note is printed if the output is
known to be older than the program. With --orphans, stacks that are no longer in the output are
deleted; the program is run first, as for `deploy`.

Exit codes:
  0    everything was deleted
  1    a resource could not be deleted: the report contains the reason
  2    nothing was deleted: no terminal and no --yes, a different name was typed, usage
  130  interrupted: operations in progress continue in AWS";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The path of the Helm binary, instead of the one in PATH.
    #[arg(long, value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// Delete only stacks of earlier outputs that are no longer in the output.
    #[arg(long)]
    pub orphans: bool,
    /// With --orphans: use the output as written, instead of running the program.
    #[arg(long)]
    pub no_synth: bool,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Logical ids to retain when a failed deletion is repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
    /// Break the deployment lock of a run that is known to have ended.
    #[arg(long)]
    pub break_lock: bool,
}
