//! The command line: global options, and the dispatch to the commands.

#[cfg(test)]
mod reference;

use std::path::PathBuf;

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::context::Outcome;
use crate::commands::{
    adopt, bootstrap, check, completions, deploy, destroy, diff, doctor, drift, explain, graph, init, list, lose, man,
    reach, render, status, synth, upgrade, watch,
};
use crate::deployer::{Deployer, required};
use crate::shell::{Color, Shell};

const AFTER_HELP: &str = "\
Examples:
  meshsynth init shop                       a new project
  meshsynth adopt cdk.out --into shop       a program from existing resources
  meshsynth synth                           all apps, all environments
  meshsynth synth shop --env staging        one app, one environment
  meshsynth synth --strict --quiet          for CI: warnings are errors, no summary
  meshsynth synth --diagnostics sarif       for code scanning, on stdout
  meshsynth list --json                     apps, environments and their last output
  meshsynth graph shop --output shop.html   a diagram of the last output
  meshsynth reach --from internet           everything that is exposed, layer by layer
  meshsynth lose --zone eu-west-1a          the effects of a failed zone
  meshsynth upgrade --to eks=1.36           the steps of an upgrade, in order
  meshsynth explain rds::Database           the page of a construct
  meshsynth explain MS0101                  the meaning of a diagnostic
  meshsynth check k8s/                      existing YAML manifests
  meshsynth diff shop --env staging         what a deployment would change
  meshsynth watch                           synthesize and compare on every save
  meshsynth deploy shop --env staging       deploy to AWS and to the clusters
  meshsynth doctor                          find problems of this machine and project

Exit codes:
  0    success
  1    the platform has errors: diagnostics, or a program that does not compile or that panics
       (or warnings, with --strict); a gate of `diff` failed; `doctor` or `drift` found
       something; a deployment failed
  2    usage, configuration or environment: a full disk, a folder that meshsynth does not own; a
       program that fails or an output that is stale, for a command that needs it
  130  interrupted, and cleaned up";

/// The help heading of global options, which separates them from the options of a command.
const EVERYWHERE: &str = "Options of every command";

/// Platforms in typed Rust: CloudFormation and Kubernetes manifests that agree with each other.
#[derive(Debug, Parser)]
#[command(name = "meshsynth", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    /// The configuration file; by default the nearest meshsynth.toml in this folder or above.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// When to color the output; `auto`: on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_enum, value_name = "WHEN")]
    #[arg(default_value_t = Color::Auto)]
    pub color: Color,
    /// Print only diagnostics and errors to stderr.
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a new project.
    #[command(after_help = init::HELP)]
    Init(init::Args),
    /// Write a program from existing templates and manifests, and prove that it changes nothing.
    #[command(after_help = adopt::HELP)]
    Adopt(adopt::Args),
    /// Run platform programs and write their output.
    #[command(after_help = synth::HELP)]
    Synth(synth::Args),
    /// Check existing Kubernetes, Istio, KEDA, Argo and Gateway API manifests.
    #[command(after_help = check::HELP)]
    Check(check::Args),
    /// Show what a deployment would change in AWS and Kubernetes, offline.
    #[command(after_help = diff::HELP)]
    Diff(diff::Args),
    /// Deploy the output to AWS and to its clusters.
    #[command(after_help = deploy::HELP)]
    Deploy(deploy::Args),
    /// Delete the deployed resources, in reverse order.
    #[command(after_help = destroy::HELP)]
    Destroy(destroy::Args),
    /// Show the state of the stacks and the last deployment from this folder.
    #[command(after_help = status::HELP)]
    Status(status::Args),
    /// Write the manifests as they would be applied, for Argo CD, Flux or another GitOps tool.
    #[command(after_help = render::HELP)]
    Render(render::Args),
    /// Show changes outside meshsynth since the last deployment.
    #[command(after_help = drift::HELP)]
    Drift(drift::Args),
    /// Create the bucket for large templates and the deployment lock.
    #[command(after_help = bootstrap::HELP)]
    Bootstrap(bootstrap::Args),
    /// List apps, environments and their last output.
    #[command(after_help = list::HELP)]
    List(list::Args),
    /// Draw a diagram of a platform and its calls, reads and writes.
    #[command(after_help = graph::HELP)]
    Graph(graph::Args),
    /// Show who can reach what, layer by layer, offline.
    #[command(after_help = reach::HELP)]
    Reach(reach::Args),
    /// Show the effects of a lost zone, region or workload, offline.
    #[command(after_help = lose::HELP)]
    Lose(lose::Args),
    /// Show versions, the end of their support, and the steps of an upgrade, offline.
    #[command(after_help = upgrade::HELP)]
    Upgrade(upgrade::Args),
    /// Explain a construct, a typed resource or a diagnostic.
    #[command(after_help = explain::HELP)]
    Explain(explain::Args),
    /// Synthesize and compare again on every save.
    #[command(after_help = watch::HELP)]
    Watch(watch::Args),
    /// Find problems of the machine and the project, and show how to fix them.
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Args),
    /// Print the completion script for a shell.
    #[command(after_help = completions::HELP)]
    Completions(completions::Args),
    /// Write the manual pages.
    #[command(after_help = man::HELP)]
    Man(man::Args),
}

/// Runs the command.
pub fn run(shell: &Shell, cli: &Cli, deployer: Option<&dyn Deployer>) -> Result<Outcome> {
    let config = cli.config.as_deref();
    match &cli.command {
        Command::Init(args) => init::run(shell, args).map(|()| Outcome::Fine),
        Command::Adopt(args) => adopt::run(shell, deployer, args),
        Command::Synth(args) => synth::run(shell, config, args),
        Command::Check(args) => check::run(shell, config, args),
        Command::Diff(args) => diff::run(shell, config, deployer, args),
        Command::Deploy(args) => required(deployer)?.deploy(shell, config, args),
        Command::Destroy(args) => required(deployer)?.destroy(shell, config, args),
        Command::Status(args) => required(deployer)?.status(shell, config, args),
        Command::Render(args) => required(deployer)?.render(shell, config, args),
        Command::Drift(args) => required(deployer)?.drift(shell, config, args),
        Command::Bootstrap(args) => required(deployer)?.bootstrap(shell, args),
        Command::List(args) => list::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Graph(args) => graph::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Reach(args) => reach::run(shell, config, deployer, args),
        Command::Lose(args) => lose::run(shell, config, deployer, args),
        Command::Upgrade(args) => upgrade::run(shell, config, args),
        Command::Explain(args) => explain::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Watch(args) => watch::run(shell, config, deployer, args),
        Command::Doctor(args) => doctor::run(shell, config, deployer, args),
        Command::Completions(args) => completions::run(shell, Cli::command(), args).map(|()| Outcome::Fine),
        Command::Man(args) => man::run(shell, Cli::command(), args).map(|()| Outcome::Fine),
    }
}
