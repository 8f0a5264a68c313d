//! Which output a command acts on: that of the program as it is now, or what the call says to take instead.

use std::env;

use anyhow::{Context, Result};

use super::deploy::Subject;
use super::shown;
use crate::cli::Where;
use crate::config::Config;
use crate::current;
use crate::shell::Shell;
use crate::synth_record;

/// Refuses an output that is not what the program makes now, unless the call says to take it as it is. `instead` is the
/// help for a machine that cannot run the program.
pub fn require(
    shell: &Shell,
    config: &Config,
    subject: &Subject,
    at: &Where,
    no_synth: bool,
    instead: &str,
) -> Result<()> {
    if at.assembly.is_some() {
        return Ok(());
    }
    if no_synth {
        let here = env::current_dir().context("cannot tell the current folder")?;
        let path = shown(&subject.folder, &here);
        shell.note(&format!("`{path}` is taken as it is written: the program is not run"));
        return look(shell, config, subject, at);
    }
    match config.targets(&[], None)?.into_iter().find(|target| target.name() == subject.name) {
        Some(target) => current::check(shell, config, target, instead),
        None => Ok(()),
    }
}

/// Says so where the output is known to be older than the program.
pub fn look(shell: &Shell, config: &Config, subject: &Subject, at: &Where) -> Result<()> {
    if at.assembly.is_some() {
        return Ok(());
    }
    let here = env::current_dir().context("cannot tell the current folder")?;
    if let Some(stale) = synth_record::stale(config, &subject.folder)? {
        shell.note(&format!("note: {}", synth_record::tell(&shown(&subject.folder, &here), &stale)));
    }
    Ok(())
}
