//! `meshsynth`: synthesizes platform programs and shows what came out.

mod cli;
mod commands;
mod config;
mod current;
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
mod synth_record;
mod watched;
mod yaml;

use std::process::ExitCode;

use meshsynth_assembly as assembly;
use meshsynth_assembly::problem;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let shell = shell::Shell::new(cli.color, cli.quiet);
    match interrupt::install().and_then(|()| commands::run(&shell, &cli)) {
        Ok(commands::Outcome::Fine) => ExitCode::SUCCESS,
        Ok(commands::Outcome::Mistakes) => ExitCode::from(1),
        Ok(commands::Outcome::Interrupted) => ExitCode::from(130),
        Err(error) => ExitCode::from(shell.error(&error)),
    }
}
