//! The command `meshsynth`.
//!
//! 1. `main` parses the command line ([`cli`]), opens the streams ([`shell`]) and decides the exit code.
//! 2. [`commands`] has a file for each command: its arguments, its help, and what it does.
//! 3. Most commands read `meshsynth.toml` ([`config`]) and find the app in its environment.
//! 4. `synth` compiles and runs programs ([`program`]) into temporary folders, and exchanges these with the output
//!    ([`output`]) once all of them have succeeded.
//! 5. Commands that need a current output run the program into a temporary folder and compare ([`current`]); others note
//!    an output that is known to be stale ([`synth_record`]).
//! 6. `diff` finds its base and renders the result ([`diff`]); the crate `meshsynth-diff` compares.
//! 7. `deploy`, `destroy`, `status`, `drift` and `render` call the crate `meshsynth-deploy` ([`deployment`]) and show its
//!    events ([`follow`]).
//! 8. `graph` draws `graph.json` ([`graph`]), `check` reads manifests of others ([`manifests`], [`yaml`]), `doctor` and
//!    `init` have a module each.

mod child;
mod cli;
mod commands;
mod compile;
mod config;
mod current;
mod deployment;
mod diff;
mod doctor;
mod follow;
mod graph;
mod init;
mod interrupt;
mod library;
mod manifests;
mod os;
mod output;
mod program;
mod progress;
mod shell;
mod summary;
mod synth_record;
mod temporary;
mod watched;
mod yaml;

use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::context::Outcome;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let shell = shell::Shell::new(cli.color, cli.quiet);
    match interrupt::install().and_then(|()| cli::run(&shell, &cli)) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Mistakes) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(error) => ExitCode::from(shell.error(&error)),
    }
}
