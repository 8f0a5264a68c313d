//! `meshsynth completions` and `meshsynth man`: what other programs read about the command line.

use std::fs;

use anyhow::{Context, Result};
use clap::CommandFactory as _;

use super::synth::shown;
use crate::cli::{Cli, Completions, Man};
use crate::shell::{Shell, count};

/// Prints the script that a shell completes with.
pub fn completions(shell: &Shell, args: &Completions) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "meshsynth", &mut script);
    shell.data(&String::from_utf8(script).context("a script is text")?)
}

/// Writes a page for the command and for each of its commands.
pub fn man(shell: &Shell, args: &Man) -> Result<()> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let folder = here.join(&args.folder);
    let name = shown(&folder, &here);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder `{name}`"))?;
    let mut command = Cli::command();
    command.build();
    let pages: Vec<clap::Command> = command.get_subcommands().filter(|it| it.get_name() != "help").cloned().collect();
    for page in [command].into_iter().chain(pages) {
        let title = page.get_display_name().unwrap_or(page.get_name()).to_owned();
        let mut text = Vec::new();
        clap_mangen::Man::new(page).title(title.to_uppercase()).render(&mut text).context("a page is text")?;
        let file = folder.join(format!("{title}.1"));
        fs::write(&file, text).with_context(|| format!("cannot write `{}`", shown(&file, &here)))?;
    }
    let n_pages = fs::read_dir(&folder).map(|entries| entries.count()).unwrap_or_default();
    shell.done("wrote", &format!("{} -> {name}", count(n_pages, "page")));
    Ok(())
}
