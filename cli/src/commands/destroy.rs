//! `meshsynth destroy`: what is deployed goes, or what is left of earlier outputs.

use std::env;
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::facts;
use meshsynth_deploy::call::Call;
use meshsynth_deploy::clusters::Ways;
use meshsynth_deploy::orphans::{self, Orphan};
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::verdict::Approval;
use meshsynth_deploy::{destroy as removal, run as commands};

use super::Outcome;
use super::deploy::{Subject, call, outcome, run_id, setting, size, subject, tell};
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
            shell.note(&format!("`{}` is destroyed: {}", subject.name, size(&plan)));
            for (stack, stateful, policy) in &stores(&subject)? {
                shell.note(&format!("  {stack}: {stateful} {}", fate(policy)));
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
        for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
            let kind = resource["Type"].as_str().unwrap_or_default();
            if facts::cloudformation(kind).is_some_and(|facts| facts.stateful) {
                let policy = resource["DeletionPolicy"].as_str().unwrap_or("Delete");
                shell.note(&format!("  {}: {id} {}", orphan.id, fate(policy)));
            }
        }
    }
    Ok(orphans.found)
}

/// What holds data, by stack, and its deletion policy.
fn stores(subject: &Subject) -> Result<Vec<(String, String, String)>> {
    let assembly = meshsynth_deploy::assembly::Assembly::read(&subject.folder)?;
    let mut out = Vec::new();
    for stack in &assembly.manifest.stacks {
        let template = assembly.document(&stack.template)?;
        for (id, _) in stack.resources.iter().filter(|(_, it)| it.stateful) {
            let policy = template["Resources"][id]["DeletionPolicy"].as_str().unwrap_or("Delete");
            out.push((stack.id.clone(), id.clone(), policy.to_owned()));
        }
    }
    Ok(out)
}

/// What becomes of something that holds data, by its deletion policy.
fn fate(policy: &str) -> &'static str {
    match policy {
        "Retain" | "RetainExceptOnCreate" => "stays in AWS, outside of the stack",
        "Snapshot" => "is deleted; a snapshot of its data stays",
        _ => "is deleted, with its data",
    }
}

/// Asks for the name of the app.
fn confirm(shell: &Shell, name: &str) -> Result<()> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Problem::setting("there is no terminal to ask at").help("pass `--yes` to destroy it").into());
    }
    shell.ask(&format!("type `{name}` to destroy it: "));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
    if line.trim() != name {
        return Err(Problem::setting("that is not its name; nothing is destroyed").help("run again").into());
    }
    Ok(())
}
