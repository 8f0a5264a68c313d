//! The arguments of `meshsynth diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use meshsynth_diff::gates::Gate;

pub const HELP: &str = "\
Examples:
  meshsynth diff                                       against HEAD
  meshsynth diff shop --env staging --base origin/main against another revision
  meshsynth diff --format markdown --deny data-loss    for a pull request
  meshsynth diff --format html > diff.html             a page that needs nothing else
  meshsynth diff shop --env staging --base deployed    against AWS and the clusters as they are
  meshsynth diff --no-synth                            of the output as it is written

The new side is what the program makes now: it is run, into a folder that vanishes, and the output
stays as it is. --no-synth takes the output as it is written, --head any folder; both run nothing.

Gates of --deny, and of `deny` in the table `[diff]` of meshsynth.toml:
  data-loss  data are lost, or a new empty store takes the place of one with data
  replace    a resource is replaced, or may be; an object must be deleted and created
  access     somebody may do more than before
  public     everybody may
An exception is a table `[[diff.allow]]` with `gate`, `what`, `reason` and `until`.

Exit codes:
  0    no change, or no --exit-code; no gate hit
  1    something changes, with --exit-code; or a gate is hit
  2    no comparison: a program that fails; a base that is missing, broken, of another app or
       format; usage";

#[derive(Args, Debug, Default)]
pub struct Diff {
    /// The apps to compare; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to compare; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The old side: the folder of an assembly, a folder of outputs, or a git revision: the output as it is
    /// committed there, or else as the program of that revision makes it. HEAD by default, and what is deployed where
    /// there is no git repository and something was deployed from here. `deployed` is what AWS and the clusters have;
    /// `none` is nothing.
    #[arg(long, value_name = "FOLDER|REVISION|deployed|none")]
    pub base: Option<String>,
    /// The new side: the folder of an assembly. Nothing is run.
    #[arg(long, value_name = "FOLDER")]
    pub head: Option<PathBuf>,
    /// The new side is the output as it is written, such as an artifact of CI. Nothing is run; where the output is known
    /// to be older than the program, the report says so.
    #[arg(long)]
    pub no_synth: bool,
    /// The form of the report, on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = DiffFormat::Terminal)]
    pub format: DiffFormat,
    /// A handlebars template of your own, for markdown and HTML.
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// Exit with 1 when something changes.
    #[arg(long)]
    pub exit_code: bool,
    /// What must not happen, beside what meshsynth.toml denies: exit with 1 where it would.
    #[arg(long, value_enum, value_name = "GATE", value_delimiter = ',')]
    pub deny: Vec<Deny>,
    /// The day by which exceptions expire, instead of today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<String>,
    /// Writes the mapping of a CloudFormation stack refactor, which keeps what is renamed or moved.
    #[arg(long, value_name = "FILE")]
    pub refactor: Option<PathBuf>,
    /// The role that is assumed; `{account}` stands for the account of a stack.
    #[arg(long, value_name = "ARN", help_heading = DEPLOYED)]
    pub role: Option<String>,
    /// A kubeconfig for the clusters, instead of tokens of EKS.
    #[arg(long, value_name = "FILE", help_heading = DEPLOYED)]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, value_name = "NAME", help_heading = DEPLOYED)]
    pub context: Option<String>,
    /// The Helm to use, instead of that on the path.
    #[arg(long, value_name = "FILE", help_heading = DEPLOYED)]
    pub helm: Option<PathBuf>,
    /// Leaves the clusters out.
    #[arg(long, help_heading = DEPLOYED)]
    pub stacks_only: bool,
}

/// The heading of what only matters for one base.
const DEPLOYED: &str = "With --base deployed";

/// The form of a diff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    #[default]
    Terminal,
    Markdown,
    Json,
    Html,
    Sarif,
}

/// What a diff must not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Deny {
    DataLoss,
    Replace,
    Access,
    Public,
}

impl From<Deny> for Gate {
    fn from(deny: Deny) -> Self {
        match deny {
            Deny::DataLoss => Gate::DataLoss,
            Deny::Replace => Gate::Replace,
            Deny::Access => Gate::Access,
            Deny::Public => Gate::Public,
        }
    }
}
