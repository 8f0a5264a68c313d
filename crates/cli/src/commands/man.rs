//! `meshsynth man`: writes the manual pages.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::shell::{Shell, count, shown};
use crate::whole_file;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth man ~/.local/share/man/man1    then: man meshsynth, man meshsynth-diff
  meshsynth man target/man                 for a package";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder for the pages, one per command; created if it does not exist.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Writes a page for the command and for each of its commands.
pub fn run(shell: &Shell, mut command: clap::Command, args: &Args) -> Result<()> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let folder = here.join(&args.folder);
    let name = shown(&folder, &here);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create the folder `{name}`"))?;
    command.build();
    let pages: Vec<clap::Command> = command.get_subcommands().filter(|it| it.get_name() != "help").cloned().collect();
    for page in [command].into_iter().chain(pages) {
        let title = page.get_display_name().unwrap_or(page.get_name()).to_owned();
        let mut text = Vec::new();
        clap_mangen::Man::new(page).title(title.to_uppercase()).render(&mut text).context("a page is text")?;
        let file = folder.join(format!("{title}.1"));
        whole_file::write(&file, text).with_context(|| format!("cannot write `{}`", shown(&file, &here)))?;
    }
    let n_pages = fs::read_dir(&folder).map(|entries| entries.count()).unwrap_or_default();
    shell.done("wrote", &format!("{} -> {name}", count(n_pages, "page")));
    Ok(())
}
