//! `meshsynth deploy`: deploys the output to AWS and clusters.

use std::path::PathBuf;

use clap::ValueEnum;
use meshsynth_diff::gates::Gate;

use super::context::{ClusterArgs, TargetArgs};
use crate::gate;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth deploy shop --env staging       prompts if access widens or data is at risk
  meshsynth deploy shop --plan plan.json    writes the plan without deploying
  meshsynth deploy plan.json                deploys by a saved plan of the same output
  meshsynth deploy shop --require-approval never --json   for CI
  meshsynth deploy shop --deny data-loss,mass-delete=5%   stops if a gate fails
  meshsynth deploy shop --adopt legacy-network   takes over a stack of another tool
  meshsynth deploy shop --import=data/assets     imports a resource outside of all stacks
  meshsynth deploy shop --by-region         region by region, with smoke tests between them

The program is run first, into a temporary folder, and a stale output is refused. --no-synth deploys
the output as written, such as a CI artifact; --assembly deploys any folder.

The values of template parameters are read from MESHSYNTH_PARAMETER_<name> or --parameters.

Exit codes:
  0    deployed, or no changes were necessary
  1    a gate failed, and nothing was changed; or an operation failed or was not approved. The
       report contains the next steps; run the command again to continue
  2    no operation was started: a program that fails, a stale output, usage, configuration, or a
       lock of another run
  130  interrupted: the current call was finished, and AWS continues; interrupt again to end at
       once";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app, or a plan written by `--plan`; optional if there is only one app.
    #[arg(value_name = "APP|PLAN.json")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
    /// Write the plan to a file without deploying, with the effects of `--adopt`, `--import`, `--take-over` and
    /// `--refactor`.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Stop before any change if this gate fails, in addition to `deny` in `[deploy.<app>]`, or else in `[diff]`.
    #[arg(long, value_name = "GATE", value_delimiter = ',', value_parser = gate::parse)]
    pub deny: Vec<Gate>,
    /// When to ask for approval before a stack or cluster is changed.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = RequireApproval::Access)]
    pub require_approval: RequireApproval,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The path of the Helm binary, instead of the one in PATH.
    #[arg(long, value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// Use the output as written, such as a CI artifact, instead of running the program.
    #[arg(long)]
    pub no_synth: bool,
    /// Deploy region by region, with the smoke tests of the platform between them; stops at the first region that fails.
    #[arg(long)]
    pub by_region: bool,
    /// Deploy only the stacks.
    #[arg(long)]
    pub stacks_only: bool,
    /// Take over fields that other field managers own, and remove fields that were added by hand.
    #[arg(long)]
    pub force_conflicts: bool,
    /// Take over objects that kubectl, helm, argocd or flux (or a field manager by its name) applied. meshsynth then
    /// owns their fields, and removes those that the program does not define.
    #[arg(long, value_name = "MANAGER", value_delimiter = ',')]
    pub take_over: Vec<String>,
    /// The bucket for templates larger than 51,200 bytes, instead of the one of `meshsynth bootstrap`.
    #[arg(long, value_name = "NAME")]
    pub bucket: Option<String>,
    /// A JSON file with the values of template parameters: {"<stack>": {"<name>": "<value>"}}.
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// Names of existing stacks, created by another tool or by hand, to take over.
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub adopt: Vec<String>,
    /// Import existing resources outside of stacks: these constructs or logical ids, or all resources that a scan finds.
    #[arg(long, value_name = "RESOURCE", value_delimiter = ',', num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub import: Option<Vec<String>>,
    /// A JSON file with the identifiers of resources to import: {"<stack>": {"<resource>": {"<property>": "<value>"}}}.
    #[arg(long, value_name = "FILE", requires = "import")]
    pub import_ids: Option<PathBuf>,
    /// Start a new scan of AWS resources, to find those to import.
    #[arg(long, requires = "import")]
    pub scan: bool,
    /// First run CloudFormation stack refactors for resources that the program moves to another stack or gives another
    /// logical id, if only references change.
    #[arg(long)]
    pub refactor: bool,
    /// Logical ids to skip when a failed rollback is continued.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Logical ids to retain when a failed deletion is repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
    /// Break the deployment lock of a run that is known to have ended.
    #[arg(long)]
    pub break_lock: bool,
}

/// The changes that require approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RequireApproval {
    /// Never.
    Never,
    /// When access changes, or data is at risk.
    Access,
    /// When data is at risk.
    DataLoss,
    /// Before every change.
    Always,
}
