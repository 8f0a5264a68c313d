//! `meshsynth completions`: what a shell needs to complete the command line.

use anyhow::{Context, Result};

use crate::shell::Shell;

/// What stands below the help.
pub const HELP: &str = "\
Examples:
  meshsynth completions bash > ~/.local/share/bash-completion/completions/meshsynth
  meshsynth completions zsh  > ~/.zfunc/_meshsynth
  meshsynth completions fish > ~/.config/fish/completions/meshsynth.fish";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Prints the script that a shell completes the command with.
pub fn run(shell: &Shell, mut command: clap::Command, args: &Args) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "meshsynth", &mut script);
    shell.data(&String::from_utf8(script).context("a script is text")?)
}
