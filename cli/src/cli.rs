//! The command line: the options of every command, and which command is called.

#[cfg(test)]
mod reference;

use std::path::PathBuf;

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::context::Outcome;
use crate::commands::{
    bootstrap, check, completions, deploy, destroy, diff, doctor, drift, explain, graph, init, list, man, render,
    status, synth, watch,
};
use crate::shell::{Color, Shell};

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
    #[command(after_help = init::HELP)]
    Init(init::Args),
    /// Runs platform programs and writes what they define.
    #[command(after_help = synth::HELP)]
    Synth(synth::Args),
    /// Judges Kubernetes, Istio, KEDA, Argo and Gateway API manifests by the rules for platforms.
    #[command(after_help = check::HELP)]
    Check(check::Args),
    /// Says what a deployment of what the programs make now would do to AWS and Kubernetes, offline.
    #[command(after_help = diff::HELP)]
    Diff(diff::Args),
    /// Takes the output to AWS and to its clusters, once it is that of the program.
    #[command(after_help = deploy::HELP)]
    Deploy(deploy::Args),
    /// Deletes what was deployed, in reverse order.
    #[command(after_help = destroy::HELP)]
    Destroy(destroy::Args),
    /// Says in which state the stacks are, and what the last deployments from here did.
    #[command(after_help = status::HELP)]
    Status(status::Args),
    /// Writes the manifests as they would be applied, for Argo CD, Flux or anything else that applies from git.
    #[command(after_help = render::HELP)]
    Render(render::Args),
    /// Says what somebody changed by hand since it was deployed.
    #[command(after_help = drift::HELP)]
    Drift(drift::Args),
    /// Makes what an account needs before large platforms come: a bucket for templates.
    #[command(after_help = bootstrap::HELP)]
    Bootstrap(bootstrap::Args),
    /// Lists apps and environments, and what their last output holds.
    #[command(after_help = list::HELP)]
    List(list::Args),
    /// Draws a platform: what it consists of, and who calls, reads and writes whom.
    #[command(after_help = graph::HELP)]
    Graph(graph::Args),
    /// Explains a diagnostic, or lists all of them.
    #[command(after_help = explain::HELP)]
    Explain(explain::Args),
    /// Synthesizes and compares again on every save.
    #[command(after_help = watch::HELP)]
    Watch(watch::Args),
    /// Looks for what is wrong with the machine and the project, and says how to mend it.
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Args),
    /// Prints what a shell needs to complete this command.
    #[command(after_help = completions::HELP)]
    Completions(completions::Args),
    /// Writes the manual pages.
    #[command(after_help = man::HELP)]
    Man(man::Args),
}

/// Runs the command.
pub fn run(shell: &Shell, cli: &Cli) -> Result<Outcome> {
    let config = cli.config.as_deref();
    match &cli.command {
        Command::Init(args) => init::run(shell, args).map(|()| Outcome::Fine),
        Command::Synth(args) => synth::run(shell, config, args),
        Command::Check(args) => check::run(shell, args),
        Command::Diff(args) => diff::run(shell, config, args),
        Command::Deploy(args) => deploy::run(shell, config, args),
        Command::Destroy(args) => destroy::run(shell, config, args),
        Command::Status(args) => status::run(shell, config, args),
        Command::Render(args) => render::run(shell, config, args),
        Command::Drift(args) => drift::run(shell, config, args),
        Command::Bootstrap(args) => bootstrap::run(shell, args),
        Command::List(args) => list::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Graph(args) => graph::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Explain(args) => explain::run(shell, args).map(|()| Outcome::Fine),
        Command::Watch(args) => watch::run(shell, config, args),
        Command::Doctor(args) => doctor::run(shell, config, args),
        Command::Completions(args) => completions::run(shell, Cli::command(), args).map(|()| Outcome::Fine),
        Command::Man(args) => man::run(shell, Cli::command(), args).map(|()| Outcome::Fine),
    }
}
