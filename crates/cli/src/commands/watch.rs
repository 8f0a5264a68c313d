//! `meshsynth watch`: synthesizes and compares again on every save.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::context::{Diagnostics, Outcome};
use super::{diff, synth};
use crate::config::Config;
use crate::deployer::Deployer;
use crate::diff::base;
use crate::interrupt;
use crate::shell::{Shell, shown};
use crate::watched::{Watched, copy};
use meshsynth_check::temporary::Temporary;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Whenever a file of the project is saved, the apps are synthesized and compared again. If a program
has errors, the last good output is kept, and the next comparison follows the next good save. Ctrl-C
ends the command.

All files below the folder of meshsynth.toml are watched, except `target`, the output folder, and
names that begin with a dot.

Examples:
  meshsynth watch                            all apps, compared with HEAD
  meshsynth watch shop --env staging         one app in one environment
  meshsynth watch --base origin/main         compare with another revision
  meshsynth watch --also ../shared           also watch this folder

If no commit contains the output, the output at the start is the old side.

Exit codes:
  0    ended with Ctrl-C
  2    cannot start: configuration, an unknown app, a base that is missing";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The apps to watch; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to synthesize for; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The old side, as for `diff`.
    #[arg(long, value_name = "FOLDER|REVISION")]
    pub base: Option<String>,
    /// Another folder to watch; can be repeated.
    #[arg(long, value_name = "DIR")]
    pub also: Vec<PathBuf>,
}

/// The base of the comparison.
enum Old {
    /// The base that the user specifies, or the output that is committed in HEAD.
    Named(Option<String>),
    /// The first output of this run, once it exists.
    Beginning(Option<Temporary>),
}

/// Runs the command, until Ctrl-C.
pub fn run(shell: &Shell, path: Option<&Path>, deployer: Option<&dyn Deployer>, args: &Args) -> Result<Outcome> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let config = Config::find(path)?;
    let mut old = Old::choose(&config, args)?;
    let watched = Watched::new(&config, args.also.iter().map(|folder| here.join(folder)))?;
    let mut has_compared = false;
    loop {
        // Record the inputs before the run, so that files that are saved during the run are noticed.
        let before = watched.look();
        // After an error, the next save may fix it.
        let is_good = match synth::run(shell, path, &synth_args(args)) {
            Ok(outcome) => outcome == Outcome::Fine,
            Err(error) => {
                if !interrupt::happened() {
                    shell.error(&error);
                }
                false
            }
        };
        match is_good.then(|| old.compare(shell, path, deployer, args)) {
            Some(Ok(())) => has_compared = true,
            _ if interrupt::happened() => {}
            Some(Err(error)) => drop(shell.error(&error)),
            None if has_compared => {
                shell.note("the last good output is kept; the comparison above shows that output, not the saved files");
            }
            None => {
                shell.note("the last good output is kept; the first comparison follows the first successful synthesis")
            }
        }
        shell.note("waiting for changes; press Ctrl-C to end");
        let Some(changed) = watched.wait(before) else {
            shell.note("ended");
            return Ok(Outcome::Fine);
        };
        let more = if changed.len() > 1 { format!(" and {} more", changed.len() - 1) } else { String::new() };
        shell.note(&format!("\n{}{more} changed", shown(&changed[0], &here)));
    }
}

fn synth_args(args: &Args) -> synth::Args {
    synth::Args {
        apps: args.apps.clone(),
        env: args.env.clone(),
        format: None,
        strict: false,
        check: false,
        output: None,
        diagnostics: Diagnostics::Text,
        json: false,
    }
}

impl Old {
    fn choose(config: &Config, args: &Args) -> Result<Self> {
        let targets = config.targets(&args.apps, args.env.as_deref())?;
        if args.base.is_some() {
            return Ok(Self::Named(args.base.clone()));
        }
        let is_committed = targets.iter().all(|it| base::is_committed(&config.output.join(it.name())));
        if is_committed {
            return Ok(Self::Named(None));
        }
        let has_output = targets.iter().all(|it| config.output.join(it.name()).join("manifest.json").exists());
        let mut old = Self::Beginning(None);
        if has_output {
            old.keep(config, args)?;
        }
        Ok(old)
    }

    /// Keeps a copy of the current output.
    fn keep(&mut self, config: &Config, args: &Args) -> Result<()> {
        let temporary = Temporary::new()?;
        for target in config.targets(&args.apps, args.env.as_deref())? {
            let name = target.name();
            copy(&config.output.join(&name), &temporary.0.join(&name))
                .with_context(|| format!("cannot save the output of `{name}`"))?;
        }
        *self = Self::Beginning(Some(temporary));
        Ok(())
    }

    /// Prints the changes of a new output, if there is a base.
    fn compare(
        &mut self,
        shell: &Shell,
        path: Option<&Path>,
        deployer: Option<&dyn Deployer>,
        args: &Args,
    ) -> Result<()> {
        let base = match self {
            Self::Named(name) => name.clone(),
            Self::Beginning(Some(temporary)) => Some(temporary.0.display().to_string()),
            Self::Beginning(None) => {
                self.keep(&Config::find(path)?, args)?;
                shell.note("no commit contains the output: later outputs are compared with this one");
                return Ok(());
            }
        };
        let args = diff::Args {
            apps: args.apps.clone(),
            env: args.env.clone(),
            base,
            no_synth: true,
            ..diff::Args::default()
        };
        diff::run(shell, path, deployer, &args).map(drop)
    }
}
