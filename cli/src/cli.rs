//! The command line.

mod deploy;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use deploy::{Bootstrap, Delivery, Deploy, Destroy, Render, RequireApproval, Status, Where, Whose};

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
    #[command(after_help = deploy::HELP)]
    Deploy(Deploy),
    /// Deletes what was deployed, in reverse order.
    Destroy(Destroy),
    /// Says in which state the stacks are, and what the last deployments from here did.
    Status(Status),
    /// Writes the manifests as they would be applied, for Argo CD, Flux or anything else that applies from git.
    Render(Render),
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
