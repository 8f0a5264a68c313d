//! `meshsynth destroy`: deletes what is deployed, or what is left of earlier outputs.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_assembly::problem::Problem;
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::judgement::Row;
use meshsynth_deploy::orphans::{self, Orphan};
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{commands, destroy as removal, stores};
use meshsynth_diff::fate;

use super::context::{ClusterArgs, Outcome, Project, TargetArgs};
use crate::deployment::{absolute, not_begun, report, run_id, size};
use crate::follow::Follow;
use crate::interrupt;
use crate::shell::{Shell, count};

/// What stands below the help.
pub const HELP: &str = "\
Examples:
  meshsynth destroy shop --env staging           asks for the name of the app
  meshsynth destroy shop --env staging --yes     for CI

Objects and Helm releases are deleted first, then the stacks in reverse order of their dependencies.
Resources that the platform retains stay in AWS and are listed.

The stacks of the output are deleted, so the program is not run; a note is printed if the output is
known to be older than the program. With --orphans, stacks that the output no longer has are
deleted: the program is run first, as for `deploy`.

Exit codes:
  0    everything was deleted
  1    something could not be deleted: the report says why
  2    nothing was started: no terminal and no --yes, a different name was typed, usage
  130  interrupted: AWS continues what was started";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app; optional if there is only one.
    #[arg(value_name = "APP")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The path of the Helm binary, instead of the one in PATH.
    #[arg(long, value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// Delete only stacks of earlier outputs, which the output no longer has.
    #[arg(long)]
    pub orphans: bool,
    /// With --orphans: use the output as written, instead of running the program.
    #[arg(long)]
    pub no_synth: bool,
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
    /// Logical ids to retain when a failed deletion is repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
    /// Break the deployment lock of a run that is known to have ended.
    #[arg(long)]
    pub break_lock: bool,
}

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let deployment = project.deployment("destroy", args.app.as_deref(), &args.at)?;
    let instead = "`--no-synth` trusts the output as it is written";
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
    let mut options = deployment.options(args.at.role.as_deref(), settings, &follow);
    options.clusters =
        ClusterAccess { helm: absolute(args.helm.as_ref(), &project.here), ..args.cluster.access(&project.here) };
    options.breaks_lock = args.break_lock;
    let orphans = match args.orphans {
        true => Some(left(shell, &options, &deployment.name)?),
        false => None,
    };
    match &orphans {
        Some(orphans) if orphans.is_empty() => {
            shell.done("destroyed", &format!("{}: no stacks of earlier outputs are left", deployment.name));
            return Ok(Outcome::Fine);
        }
        Some(_) => {}
        None => {
            let plan = commands::plan(&deployment.folder, &deployment.output)?;
            // Nobody is shown a list who cannot answer.
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
            shell.note(&format!("stays in AWS: {stack}: `{}` ({}), `{}`", it.id, it.kind, it.physical));
        }
    }
    report(shell, &done, "destroyed", &deployment.name, &follow);
    Ok(Outcome::of(&done))
}

/// The stacks that the output no longer has, told with what becomes of their data.
fn left(shell: &Shell, options: &Options<'_>, name: &str) -> Result<Vec<Orphan>> {
    let orphans = commands::orphans(options).map_err(not_begun)?;
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
        return Err(Problem::setting("there is no terminal for the confirmation")
            .help("pass `--yes` to destroy it")
            .into());
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
        return Err(Problem::setting("the name does not match; nothing was destroyed").help("run again").into());
    }
    Ok(())
}
