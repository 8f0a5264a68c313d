//! The command `meshsynth`, as a library of its two binaries. It is not a public API and changes with the binaries.
//!
//! 1. [`main`] parses the command line ([`cli`]), opens the streams ([`shell`]) and decides the exit code.
//! 2. [`commands`] has a file for each command: its arguments, its help and its implementation.
//! 3. Most commands read `meshsynth.toml` ([`config`]) and find the app in its environment.
//! 4. `synth` compiles and runs programs ([`program`]) in temporary folders. After all of them succeed, it swaps these
//!    folders with the output ([`output`]).
//! 5. Commands that need a current output run the program in a temporary folder and compare the results ([`current`]).
//!    Other commands warn about an output that is known to be stale ([`synth_record`]).
//! 6. `diff` finds its base and renders the result ([`diff`]); the crate `meshsynth-diff` compares.
//! 7. Access to AWS and clusters is behind a trait ([`deployer`]). The binary `meshsynth` has no implementation, so
//!    that its build needs no SDK. It hands such commands over to the binary `meshsynth-deploy` ([`companion`]), from a
//!    crate that depends on this one.
//! 8. `explain` shows the pages of constructs and typed resources ([`reference`]).
//! 9. Other commands have one module each:
//!    - `graph` draws `graph.json` ([`graph`]).
//!    - `reach` finds connections and permissions ([`reach`]).
//!    - `lose` simulates failures ([`lose`]).
//!    - `adopt` converts existing files to a program ([`adopt`]).
//!    - `doctor` and `init` have modules of the same name.
//! 10. The crate `meshsynth-check` reads existing files and validates them.

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
mod gate;
mod graph;
mod init;
mod library;
mod lose;
mod os;
mod output;
mod policies;
mod program;
mod progress;
mod reach;
mod reference;
pub mod shell;
mod summary;
mod synth_record;
mod today;
mod upgrade;
mod watched;

use std::process::ExitCode;

use clap::Parser as _;
pub use meshsynth_check::{interrupt, whole_file};
use meshsynth_diff::yaml;

use crate::commands::context::Outcome;
use crate::deployer::Deployer;

/// The allocator of musl is three times as slow for JSON trees, and slower still with threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the command line of this process and returns the exit code. `deployer` is the access to AWS and clusters, if
/// this binary has it.
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
