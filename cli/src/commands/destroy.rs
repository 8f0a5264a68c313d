//! `meshsynth destroy`: what is deployed goes, or what is left of earlier outputs.

use std::env;
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::call::Call;
use meshsynth_deploy::clusters::Ways;
use meshsynth_deploy::judgement::Row;
use meshsynth_deploy::orphans::{self, Orphan};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{destroy as removal, run as commands, stores};
use meshsynth_diff::fate;

use super::deploy::{call, outcome, run_id, setting, size, subject, tell};
use super::{Outcome, output};
use crate::cli::Destroy as Args;
use crate::config::Config;
use crate::follow::Follow;
use crate::interrupt;
use crate::problem::Problem;
use crate::shell::{Shell, count};

/// Runs `destroy`.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let config = Config::find(file)?;
    let here = env::current_dir().context("cannot tell the current folder")?;
    let subject = subject(&config, "destroy", args.app.as_deref(), &args.at, &here)?;
    let instead = "`--no-synth` trusts the output as it is written";
    match args.orphans {
        true => output::require(shell, &config, &subject, &args.at, args.no_synth, instead)?,
        false => output::look(shell, &config, &subject, &args.at)?,
    }
    let settings = Settings {
        approval: Approval::Never,
        retain: args.retain.clone(),
        role: subject.deploy.service_role.clone(),
        run: run_id(),
        ..Settings::default()
    };
    let follow = Follow::new(shell, args.at.json);
    let mut call = call(&subject, &args.at, settings, &follow);
    call.ways = Ways { helm: args.helm.as_ref().map(|path| here.join(path)), ..args.reach.ways(&here) };
    call.breaks_lock = args.break_lock;
    let orphans = match args.orphans {
        true => Some(left(shell, &call, &subject.name)?),
        false => None,
    };
    match &orphans {
        Some(orphans) if orphans.is_empty() => {
            shell.done("destroyed", &format!("{}: no stack is left of earlier outputs", subject.name));
            return Ok(Outcome::Fine);
        }
        Some(_) => {}
        None => {
            let plan = commands::plan(&subject.folder, &subject.output)?;
            // Nobody is shown a list who cannot answer.
            if !args.yes {
                check_terminal()?;
            }
            shell.note(&format!("`{}` is destroyed: {}", subject.name, size(&plan)));
            for (stack, store) in &stores::deployed(&call).map_err(setting)? {
                shell.note(&line(stack, store));
            }
        }
    }
    if !args.yes {
        confirm(shell, &subject.name)?;
    }
    interrupt::end_at_once_when_repeated();
    let (report, remnants) = match orphans {
        Some(orphans) => removal::orphans(&call, orphans),
        None => removal::destroy(&call),
    }
    .map_err(setting)?;
    for (stack, remnants) in &remnants {
        for it in remnants {
            shell.note(&format!("stays in AWS: {stack}: `{}` ({}), `{}`", it.id, it.kind, it.physical));
        }
    }
    tell(shell, &report, "destroyed", &subject.name, &follow);
    Ok(outcome(&report))
}

/// The stacks that the output no longer has, told with what becomes of their data.
fn left(shell: &Shell, call: &Call<'_>, name: &str) -> Result<Vec<Orphan>> {
    let orphans = commands::orphans(call).map_err(setting)?;
    for unread in &orphans.unread {
        shell.note(&format!("not known: {unread}"));
    }
    if !orphans.found.is_empty() {
        let n = count(orphans.found.len(), "stack");
        shell.note(&format!("to be deleted: {n} of earlier outputs of `{name}`"));
    }
    for orphan in &orphans.found {
        shell.note(&format!("  {}: `{}` ({})", orphan.id, orphan.stack.name, orphan.place.region));
        let template = orphans::document(orphan).unwrap_or_default();
        for store in stores::of(&template, None) {
            shell.note(&line(&orphan.id, &store));
        }
    }
    Ok(orphans.found)
}

/// A store that is deleted with its stack, and what is left of it.
fn line(stack: &str, store: &Row) -> String {
    format!("  {stack}: {} ({}): {}", store.name, store.kind, fate::words(&store.fates))
}

fn check_terminal() -> Result<()> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Problem::setting("there is no terminal to ask at").help("pass `--yes` to destroy it").into());
    }
    Ok(())
}

/// Asks for the name of the app.
fn confirm(shell: &Shell, name: &str) -> Result<()> {
    check_terminal()?;
    shell.ask(&format!("type `{name}` to destroy it: "));
    let Some(line) = interrupt::read_line() else { return Err(Problem::interrupt().into()) };
    let line = line.context("cannot read the answer")?;
    if line.trim() != name {
        return Err(Problem::setting("that is not its name; nothing is destroyed").help("run again").into());
    }
    Ok(())
}
