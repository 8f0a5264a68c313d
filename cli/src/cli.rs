//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
Examples:
  meshsynth synth                           all apps, all environments
  meshsynth synth shop --env staging        one app, one environment
  meshsynth synth --strict --quiet          for CI: warnings are errors, no summary
  meshsynth synth --diagnostics sarif       for code scanning, on stdout
  meshsynth list --json                     apps, environments, and what they came to
  meshsynth graph shop --output shop.html   a picture of the last output
  meshsynth explain MS0101                  what a diagnostic means
  meshsynth diff shop --env staging         what a deployment would do, against the committed output

Exit codes:
  0    fine
  1    the platform has mistakes: diagnostics, a program that does not compile or panics
       (or warnings, with --strict)
  2    usage, configuration, or the environment: a full disk, a folder that is not ours
  130  interrupted, and cleaned up";

const DIFF_HELP: &str = "\
The new side is the last output of `meshsynth synth`: synthesize first.

Gates of --deny:
  data-loss  data are lost, or a new empty store takes the place of one with data
  replace    a resource is replaced, or may be; an object must be deleted and created
  access     somebody may do more than before
  public     everybody may

Exit codes:
  0    no change, or no --exit-code; no gate hit
  1    something changes, with --exit-code; or a gate of --deny is hit
  2    no comparison: a base that is missing, broken, of another app or format; usage";

const DEPLOY_HELP: &str = "\
Examples:
  meshsynth deploy shop --env staging           asks before access widens or data are at risk
  meshsynth deploy shop --plan plan.json        writes what would be done, and does nothing
  meshsynth deploy plan.json                    does what the plan says, for the very same output
  meshsynth deploy shop --require-approval never --json    for CI

Values of template parameters come from MESHSYNTH_PARAMETER_<name> or from --parameters.

Exit codes:
  0    deployed, or nothing to change
  1    something failed or was not approved: the report says what to do, and the same command goes on
  2    nothing was begun: usage, configuration, a lock that somebody else holds
  130  interrupted once: the call at work was finished, AWS goes on; interrupted twice: at once";

/// Platforms in typed Rust: CloudFormation and Kubernetes manifests that agree with each other.
#[derive(Debug, Parser)]
#[command(name = "meshsynth", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    /// The configuration; by default the nearest meshsynth.toml, upward from here.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Whether output is coloured; `auto` means on a terminal and without NO_COLOR.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
    /// Only diagnostics and errors on stderr.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs platform programs and writes what they define.
    Synth(Synth),
    /// Says what a deployment of the last output would do to AWS and Kubernetes, offline.
    #[command(after_help = DIFF_HELP)]
    Diff(Diff),
    /// Takes the last output to AWS and to its clusters.
    #[command(after_help = DEPLOY_HELP)]
    Deploy(Deploy),
    /// Deletes what was deployed, in reverse order.
    Destroy(Destroy),
    /// Says in which state the stacks are, and what the last deployments from here did.
    Status(Status),
    /// Says what somebody changed by hand since it was deployed.
    Drift(Status),
    /// Makes what an account needs before large platforms come: a bucket for templates.
    Bootstrap(Bootstrap),
    /// Lists apps and environments, and what their last output holds.
    List(List),
    /// Draws a platform: what it consists of, and who calls, reads and writes whom.
    Graph(Graph),
    /// Explains a diagnostic, or lists all of them.
    Explain(Explain),
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Args, Debug)]
pub struct Synth {
    /// The apps to synthesize; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to synthesize for; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// How templates are written.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    pub format: Format,
    /// Warnings are errors: nothing is written.
    #[arg(long)]
    pub strict: bool,
    /// Where the output goes, instead of the folder in meshsynth.toml.
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How diagnostics are given: text on stderr, the others on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Diagnostics::Text)]
    pub diagnostics: Diagnostics,
    /// The summary as JSON on stdout.
    #[arg(long, conflicts_with = "diagnostics")]
    pub json: bool,
}

/// How templates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Json,
    Yaml,
}

/// How diagnostics are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Diagnostics {
    Text,
    Json,
    Sarif,
}

#[derive(Args, Debug)]
pub struct Diff {
    /// The apps to compare; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to compare; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The old side: the folder of an assembly, a folder of outputs, or a git revision where the output is
    /// committed; by default the output as committed in HEAD.
    #[arg(long, value_name = "FOLDER|REVISION")]
    pub base: Option<String>,
    /// The new side, instead of the last output.
    #[arg(long, value_name = "FOLDER")]
    pub head: Option<PathBuf>,
    /// The form of the report, on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = DiffFormat::Terminal)]
    pub format: DiffFormat,
    /// Exit with 1 when something changes.
    #[arg(long)]
    pub exit_code: bool,
    /// What must not happen: exit with 1 where it would.
    #[arg(long, value_enum, value_name = "GATE", value_delimiter = ',')]
    pub deny: Vec<Deny>,
}

/// The form of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    Terminal,
    Markdown,
    Json,
}

/// What a diff must not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    DataLoss,
    Replace,
    Access,
    Public,
}

/// Which app is meant, and how AWS is reached.
#[derive(Args, Debug)]
pub struct Where {
    /// The environment; not needed where there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// Another folder with the assembly, instead of the last output.
    #[arg(long, value_name = "FOLDER")]
    pub assembly: Option<PathBuf>,
    /// The role that is assumed; `{account}` stands for the account of a stack.
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// What happens, as JSON lines on stdout.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Deploy {
    /// The app, or a plan that `--plan` wrote; not needed where there is only one app.
    #[arg(value_name = "APP|PLAN.json")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
    /// Writes what would be done to a file, and does nothing.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// When somebody is asked before a stack is changed.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = RequireApproval::Access)]
    pub require_approval: RequireApproval,
    /// The bucket for templates of more than 51200 bytes, instead of that of `meshsynth bootstrap`.
    #[arg(long, value_name = "NAME")]
    pub bucket: Option<String>,
    /// A JSON file with values of template parameters: {"<stack>": {"<name>": "<value>"}}.
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// Names of stacks that another tool made and that become ours.
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub adopt: Vec<String>,
    /// Logical ids that a stuck rollback leaves as they are.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Logical ids that a failed deletion leaves in AWS.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Destroy {
    /// The app; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
    /// Without asking for the name of the app.
    #[arg(long)]
    pub yes: bool,
    /// Logical ids that a failed deletion leaves in AWS.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Status {
    /// The app; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: Where,
}

#[derive(Args, Debug)]
pub struct Bootstrap {
    /// The regions.
    #[arg(long, value_name = "REGION", value_delimiter = ',', required_unless_present = "print_policy")]
    pub region: Vec<String>,
    /// Prints the IAM policy that a deployment needs, or one that only reads, and does nothing.
    #[arg(long, value_enum, value_name = "WHOSE", num_args = 0..=1, default_missing_value = "deployer")]
    pub print_policy: Option<Whose>,
    /// What happens, as JSON lines on stdout.
    #[arg(long)]
    pub json: bool,
}

/// When somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RequireApproval {
    /// Never.
    Never,
    /// When access changes, or data are at risk.
    Access,
    /// When data are at risk.
    DataLoss,
    /// Before every change.
    Always,
}

/// Whose policy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Whose {
    /// Who deploys.
    Deployer,
    /// Who only looks.
    Reader,
}

#[derive(Args, Debug)]
pub struct List {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Graph {
    /// The app to draw; not needed where there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    /// The environment to draw; not needed where there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// How it is drawn; by default as the ending of FILE says, or as SVG.
    #[arg(long, value_enum)]
    pub format: Option<GraphFormat>,
    /// Where it goes, instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a platform is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    Svg,
    Mermaid,
    Dot,
    Html,
}

#[derive(Args, Debug)]
pub struct Explain {
    /// The code, such as `MS0101`, or the name of the diagnostic.
    pub code: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

impl Format {
    /// The word for it, as on the command line and in `MESHSYNTH_FORMAT`.
    pub fn word(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Yaml => "yaml",
        }
    }
}
