//! The command line.

mod deploy;
mod diff;
mod project;
#[cfg(test)]
mod reference;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use deploy::{Bootstrap, Delivery, Deploy, Destroy, Drift, Render, RequireApproval, Status, Where, Whose};
pub use diff::{Diff, DiffFormat};
use project::{COMPLETIONS_HELP, DOCTOR_HELP, INIT_HELP, MAN_HELP, WATCH_HELP};
pub use project::{Ci, Completions, Doctor, Init, Man, Template, Watch};

const AFTER_HELP: &str = "\
Examples:
  meshsynth init shop                       a project to begin with
  meshsynth synth                           all apps, all environments
  meshsynth synth shop --env staging        one app, one environment
  meshsynth synth --strict --quiet          for CI: warnings are errors, no summary
  meshsynth synth --diagnostics sarif       for code scanning, on stdout
  meshsynth list --json                     apps, environments, and what they came to
  meshsynth graph shop --output shop.html   a picture of the last output
  meshsynth explain MS0101                  what a diagnostic means
  meshsynth check k8s/                      the YAML that you have today
  meshsynth diff shop --env staging         what a deployment would do, against the committed output
  meshsynth watch                           synthesizes and compares again on every save
  meshsynth deploy shop --env staging       takes the output to AWS and to its clusters
  meshsynth doctor                          what is wrong with this machine or project

Exit codes:
  0    fine
  1    the platform has mistakes: diagnostics, a program that does not compile or panics
       (or warnings, with --strict); a gate of `diff`; a finding of `doctor` or `drift`;
       a deployment that failed
  2    usage, configuration, or the environment: a full disk, a folder that is not ours; a program
       that fails or an output that is stale, for a command that needs it
  130  interrupted, and cleaned up";

/// The heading of options that every command has, so that those of its own are together.
const EVERYWHERE: &str = "Options of every command";

const SYNTH_HELP: &str = "\
Examples:
  meshsynth synth                           all apps, all environments
  meshsynth synth shop --env staging        one app, one environment
  meshsynth synth --strict --quiet          for CI: warnings are errors, no summary
  meshsynth synth --check                   for CI: the committed output is that of the programs
  meshsynth synth --diagnostics sarif       for code scanning, on stdout
  meshsynth synth --format yaml             templates as YAML

All apps are synthesized before anything is written. One mistake, and every old output stays as it
was.

Exit codes:
  0    written; with --check: the output is current
  1    nothing is written: the platform has mistakes, or warnings with --strict; with --check also:
       the output is not what the programs make
  2    nothing is written: usage, configuration, a folder that is not ours, a full disk
  130  interrupted; nothing is written";

const LIST_HELP: &str = "\
Examples:
  meshsynth list           apps, environments, stacks and clusters
  meshsynth list --json    the same for programs";

const GRAPH_HELP: &str = "\
Examples:
  meshsynth graph shop --output shop.svg               a picture for a document
  meshsynth graph shop --env staging --output s.html   a page to look around in
  meshsynth graph shop --format mermaid                for a README, on stdout";

const EXPLAIN_HELP: &str = "\
Examples:
  meshsynth explain MS0101          what it means, why, and how to mend it
  meshsynth explain duplicate-id    the same by name
  meshsynth explain                 all of them, a line each";

const CHECK_HELP: &str = "\
What the manifests do not define may be there all the same, so a reference is only wrong where they
define services or workloads of the namespace that it leads to. With --complete, they are all there
is.

Examples:
  meshsynth check k8s/ mesh/                            one cluster, whatever the folders
  kubectl kustomize overlays/prod | meshsynth check -   what kustomize or Helm renders
  meshsynth check --cluster-per-folder tokyo/ osaka/    two clusters of one mesh
  meshsynth check synth.out/shop                        an assembly
  meshsynth check k8s/ --format sarif                   for code scanning, on stdout

Exit codes:
  0  no error, and with --strict no warning
  1  the manifests have mistakes
  2  usage, a file that cannot be read, no manifest at all";

/// Platforms in typed Rust: CloudFormation and Kubernetes manifests that agree with each other.
#[derive(Debug, Parser)]
#[command(name = "meshsynth", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    /// The configuration; by default the nearest meshsynth.toml, upward from here.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Whether output is coloured; `auto` means on a terminal and without NO_COLOR.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, value_name = "WHEN")]
    #[arg(default_value_t = Color::Auto)]
    pub color: Color,
    /// Only diagnostics and errors on stderr.
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a project to begin with.
    #[command(after_help = INIT_HELP)]
    Init(Init),
    /// Runs platform programs and writes what they define.
    #[command(after_help = SYNTH_HELP)]
    Synth(Synth),
    /// Judges Kubernetes, Istio, KEDA, Argo and Gateway API manifests by the rules for platforms.
    #[command(after_help = CHECK_HELP)]
    Check(Check),
    /// Says what a deployment of what the programs make now would do to AWS and Kubernetes, offline.
    #[command(after_help = diff::HELP)]
    Diff(Diff),
    /// Takes the output to AWS and to its clusters, once it is that of the program.
    #[command(after_help = deploy::HELP)]
    Deploy(Deploy),
    /// Deletes what was deployed, in reverse order.
    #[command(after_help = deploy::DESTROY_HELP)]
    Destroy(Destroy),
    /// Says in which state the stacks are, and what the last deployments from here did.
    #[command(after_help = deploy::STATUS_HELP)]
    Status(Status),
    /// Writes the manifests as they would be applied, for Argo CD, Flux or anything else that applies from git.
    #[command(after_help = deploy::RENDER_HELP)]
    Render(Render),
    /// Says what somebody changed by hand since it was deployed.
    #[command(after_help = deploy::DRIFT_HELP)]
    Drift(Drift),
    /// Makes what an account needs before large platforms come: a bucket for templates.
    #[command(after_help = deploy::BOOTSTRAP_HELP)]
    Bootstrap(Bootstrap),
    /// Lists apps and environments, and what their last output holds.
    #[command(after_help = LIST_HELP)]
    List(List),
    /// Draws a platform: what it consists of, and who calls, reads and writes whom.
    #[command(after_help = GRAPH_HELP)]
    Graph(Graph),
    /// Explains a diagnostic, or lists all of them.
    #[command(after_help = EXPLAIN_HELP)]
    Explain(Explain),
    /// Synthesizes and compares again on every save.
    #[command(after_help = WATCH_HELP)]
    Watch(Watch),
    /// Looks for what is wrong with the machine and the project, and says how to mend it.
    #[command(after_help = DOCTOR_HELP)]
    Doctor(Doctor),
    /// Prints what a shell needs to complete this command.
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(Completions),
    /// Writes the manual pages.
    #[command(after_help = MAN_HELP)]
    Man(Man),
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
    /// How templates are written: JSON by default, and with --check as they are.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Warnings are errors: nothing is written.
    #[arg(long)]
    pub strict: bool,
    /// Writes nothing: says whether the output is what the programs make, and which files differ.
    #[arg(long)]
    pub check: bool,
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
pub struct Check {
    /// Folders and files of YAML or JSON manifests, assemblies; `-` for what is piped in.
    #[arg(value_name = "FOLDER|FILE", required = true)]
    pub given: Vec<PathBuf>,
    /// How diagnostics are given: text on stderr, the others on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Diagnostics::Text)]
    pub format: Diagnostics,
    /// The version of the cluster; that of an assembly is known.
    #[arg(long, value_name = "VERSION", default_value = "1.36", value_parser = kubernetes_version)]
    pub kubernetes_version: String,
    /// The namespace of objects that name none.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub namespace: String,
    /// What the manifests do not define does not exist.
    #[arg(long)]
    pub complete: bool,
    /// Each folder that is given is a cluster of its own, all in one mesh.
    #[arg(long)]
    pub cluster_per_folder: bool,
    /// Warnings are errors.
    #[arg(long)]
    pub strict: bool,
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

/// A version such as `1.36`.
fn kubernetes_version(text: &str) -> Result<String, String> {
    let minor = text.strip_prefix("1.").and_then(|minor| minor.parse::<u16>().ok());
    minor.map(|_| text.to_owned()).ok_or_else(|| "want a version such as 1.36".to_owned())
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
