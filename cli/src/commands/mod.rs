//! The commands, one file each.

mod check;
mod deploy;
mod destroy;
mod diff;
mod doctor;
mod explain;
mod graph;
mod init;
mod list;
mod look;
mod output;
mod pages;
mod synth;
mod watch;

use anyhow::Result;

pub use synth::shown;

use crate::cli::{Cli, Command};
use crate::shell::Shell;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is wrong.
    Fine,
    /// The platform has mistakes.
    Mistakes,
    /// The user ended it, and it said how far it came.
    Interrupted,
}

/// Runs the command.
pub fn run(shell: &Shell, cli: &Cli) -> Result<Outcome> {
    let config = cli.config.as_deref();
    match &cli.command {
        Command::Synth(args) => synth::run(shell, config, args),
        Command::Check(args) => check::run(shell, args),
        Command::Diff(args) => diff::run(shell, config, args),
        Command::Deploy(args) => deploy::run(shell, config, args),
        Command::Destroy(args) => destroy::run(shell, config, args),
        Command::Render(args) => look::render(shell, config, args),
        Command::Status(args) => look::status(shell, config, args),
        Command::Drift(args) => look::drift(shell, config, args),
        Command::Bootstrap(args) => deploy::bootstrap(shell, args),
        Command::List(args) => list::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Graph(args) => graph::run(shell, config, args).map(|()| Outcome::Fine),
        Command::Explain(args) => explain::run(shell, args).map(|()| Outcome::Fine),
        Command::Init(args) => init::run(shell, args).map(|()| Outcome::Fine),
        Command::Watch(args) => watch::run(shell, config, args),
        Command::Doctor(args) => doctor::run(shell, config, args),
        Command::Completions(args) => pages::completions(shell, args).map(|()| Outcome::Fine),
        Command::Man(args) => pages::man(shell, args).map(|()| Outcome::Fine),
    }
}
