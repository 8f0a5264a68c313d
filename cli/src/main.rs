//! `meshsynth`: synthesizes platform programs and shows what came out.

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
