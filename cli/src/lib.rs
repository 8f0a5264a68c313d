//! The command `meshsynth`, as a library of its two binaries. It is not an API: it changes with them.
//!
//! 1. [`main`] parses the command line ([`cli`]), opens the streams ([`shell`]) and decides the exit code.
//! 2. [`commands`] has a file for each command: its arguments, its help, and what it does.
//! 3. Most commands read `meshsynth.toml` ([`config`]) and find the app in its environment.
//! 4. `synth` compiles and runs programs ([`program`]) into temporary folders, and exchanges these with the output
//!    ([`output`]) once all of them have succeeded.
//! 5. Commands that need a current output run the program into a temporary folder and compare ([`current`]); others note
//!    an output that is known to be stale ([`synth_record`]).
//! 6. `diff` finds its base and renders the result ([`diff`]); the crate `meshsynth-diff` compares.
//! 7. What reaches AWS and clusters is behind a trait ([`deployer`]). The binary `meshsynth` is without it, so that its build
//!    needs no SDK, and hands such commands to the binary `meshsynth-deploy` ([`companion`]), of the crate above this one.
//! 8. `explain` shows the pages of constructs ([`reference`]).
//! 9. `graph` draws `graph.json` ([`graph`]), `reach` asks who reaches what ([`reach`]), `lose` what is left ([`lose`]), `check` judges what others wrote ([`manifests`]), `adopt` writes a program of it ([`adopt`]), which [`sources`] reads ([`yaml`]), `doctor` and
//!    `init` have a module each.

mod adopt;
mod child;
mod cli;
#[doc(hidden)]
pub mod commands;
mod companion;
mod compile;
pub mod config;
mod current;
pub mod deployer;
pub mod deployment;
mod diff;
pub mod doctor;
pub mod exceptions;
mod expressions;
mod graph;
mod init;
pub mod interrupt;
mod library;
mod lose;
mod manifests;
mod os;
mod output;
mod policy;
mod program;
mod progress;
mod reach;
mod reference;
pub mod shell;
mod sources;
mod summary;
mod synth_record;
mod temporary;
mod today;
mod watched;
pub mod whole_file;

use std::process::ExitCode;

use clap::Parser as _;
use meshsynth_diff::yaml;

use crate::commands::context::Outcome;
use crate::deployer::Deployer;

/// The allocator of musl takes three times as long for trees of JSON, and more with threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the command line of this process, with what reaches AWS and clusters if this binary has it; answers the exit code.
pub fn main(deployer: Option<&dyn Deployer>) -> ExitCode {
    let cli = cli::Cli::parse();
    let shell = shell::Shell::new(cli.color, cli.quiet);
    match interrupt::install().and_then(|()| cli::run(&shell, &cli, deployer)) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Mistakes) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        Err(error) => ExitCode::from(shell.error(&error)),
    }
}
