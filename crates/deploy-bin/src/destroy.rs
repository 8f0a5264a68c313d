//! `meshsynth destroy`: deletes the deployed resources, or the stacks that remain from earlier outputs.

use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_cli::commands::context::{Outcome, Project};
use meshsynth_cli::commands::destroy::Args;
use meshsynth_cli::deployment::absolute;
use meshsynth_cli::interrupt;
use meshsynth_cli::shell::{Shell, count};
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::judgement::Row;
use meshsynth_deploy::orphans::{self, Orphan};
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{commands, destroy as removal, stores};
use meshsynth_diff::fate;
use meshsynth_model::problem::Problem;

use crate::follow::Follow;
use crate::options::{self, cluster_access, run_id};
use crate::report::{not_begun, outcome, report, size};

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let deployment = project.deployment("destroy", args.app.as_deref(), &args.at)?;
    let instead = "use `--no-synth` to use the existing output";
    match args.orphans {
        true => project.require_current(shell, &deployment, &args.at, args.no_synth, instead)?,
        false => project.note_stale(shell, &deployment, &args.at)?,
    }
    let settings = Settings {
        approval: Approval::Never,
        retain: args.retain.clone(),
        role: deployment.config.service_role.clone(),
        run: run_id(),
        ..Settings::default()
    };
    let follow = Follow::new(shell, args.at.json);
    let mut options = options::of(&deployment, args.at.role.as_deref(), settings, &follow);
    options.clusters = ClusterAccess {
        helm: absolute(args.helm.as_ref(), &project.here),
        approval: if args.yes { Approval::Never } else { Approval::Foreign },
        ..cluster_access(&args.cluster, &project.here)
    };
    options.breaks_lock = args.break_lock;
    let orphans = match args.orphans {
        true => Some(left(shell, &options, &deployment.name)?),
        false => None,
    };
    match &orphans {
        Some(orphans) if orphans.is_empty() => {
            shell.done("destroyed", &format!("{}: there are no stacks of earlier outputs", deployment.name));
            return Ok(Outcome::Fine);
        }
        Some(_) => {}
        None => {
            let plan = commands::plan(&deployment.folder, &deployment.output)?;
            // Without a terminal, the user cannot confirm. Fail before printing the list.
            if !args.yes {
                check_terminal()?;
            }
            shell.note(&format!("`{}` is destroyed: {}", deployment.name, size(&plan)));
            for (stack, store) in &stores::deployed(&options).map_err(not_begun)? {
                shell.note(&line(stack, store));
            }
        }
    }
    if !args.yes {
        confirm(shell, &deployment.name)?;
    }
    interrupt::end_at_once_when_repeated();
    let (done, remnants) = match orphans {
        Some(orphans) => removal::orphans(&options, orphans),
        None => removal::destroy(&options),
    }
    .map_err(not_begun)?;
    for (stack, remnants) in &remnants {
        for it in remnants {
            shell.note(&format!("retained in AWS: {stack}: `{}` ({}), `{}`", it.id, it.kind, it.physical));
        }
    }
    report(shell, &done, "destroyed", &deployment.name, &follow);
    Ok(outcome(&done))
}

/// Prints the stacks that the output no longer contains, with the effect on their data.
fn left(shell: &Shell, options: &Options<'_>, name: &str) -> Result<Vec<Orphan>> {
    let orphans = commands::orphans(options).map_err(not_begun)?;
    for unread in &orphans.unread {
        shell.note(&format!("not read: {unread}"));
    }
    if !orphans.found.is_empty() {
        let n = count(orphans.found.len(), "stack");
        shell.note(&format!("will be deleted: {n} of earlier outputs of `{name}`"));
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

/// Describes a data store that is deleted with its stack, and the parts that remain.
fn line(stack: &str, store: &Row) -> String {
    format!("  {stack}: {} ({}): {}", store.name, store.kind, fate::words(&store.fates))
}

fn check_terminal() -> Result<()> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Problem::setting("`destroy` requires a confirmation, but stdin or stderr is not a terminal")
            .help("pass `--yes` to delete it without a confirmation")
            .into());
    }
    Ok(())
}

/// Asks the user to type the name of the app.
fn confirm(shell: &Shell, name: &str) -> Result<()> {
    check_terminal()?;
    shell.ask(&format!("type `{name}` to confirm the deletion: "));
    let Some(line) = interrupt::read_line() else { return Err(Problem::interrupt().into()) };
    let line = line.context("cannot read the answer")?;
    if line.trim() != name {
        return Err(Problem::setting("the name does not match; no stack or object was deleted")
            .help("run the command again and type the name")
            .into());
    }
    Ok(())
}
