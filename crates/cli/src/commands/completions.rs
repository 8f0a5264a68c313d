//! `meshsynth completions`: prints completion scripts for shells.

use anyhow::{Context, Result};

use crate::shell::Shell;

/// Notes and examples at the end of the help.
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

/// Prints the completion script for a shell.
pub fn run(shell: &Shell, mut command: clap::Command, args: &Args) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "meshsynth", &mut script);
    shell.data(&String::from_utf8(script).context("a script is text")?)
}
