//! `meshsynth bootstrap`: creates the resources that an account needs for large platforms.

use std::path::PathBuf;

use anyhow::Result;
use meshsynth_cli::commands::bootstrap::{Args, Policy};
use meshsynth_cli::commands::context::{Outcome, Project, TargetArgs};
use meshsynth_cli::interrupt;
use meshsynth_cli::shell::Shell;
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::assembly::Assembly;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::commands;
use meshsynth_deploy::policy::{ANY_APP, Scope};
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;

use crate::follow::Follow;
use crate::options::{run_id, user_and_host};
use crate::report::{not_begun, outcome, report};

/// Runs the command.
pub fn run(shell: &Shell, args: &Args) -> Result<Outcome> {
    match args.print_policy {
        Some(Policy::Deployer) => {
            let policy = scope(args)?.deployer(args.service_role.as_deref());
            return shell.json(&policy).map(|()| Outcome::Fine);
        }
        Some(Policy::Reader) => return shell.json(&scope(args)?.reader()).map(|()| Outcome::Fine),
        None => {}
    }
    let follow = Follow::new(shell, args.json);
    interrupt::end_at_once_when_repeated();
    let options = Options {
        folder: PathBuf::new(),
        output: PathBuf::new(),
        settings: Settings { approval: Approval::Never, protect: Some(false), run: run_id(), ..Settings::default() },
        aws: AwsAccess::default(),
        bucket: None,
        clusters: ClusterAccess::default(),
        who: user_and_host(),
        refactors: false,
        breaks_lock: false,
        by_region: None,
        watch: &follow,
        is_interrupted: interrupt::happened,
    };
    let done = commands::bootstrap(&options, &args.region).map_err(not_begun)?;
    report(shell, &done, "bootstrapped", &args.region.join(", "), &follow);
    Ok(outcome(&done))
}

/// Returns the resources that a policy allows: those in the output of the app, or placeholders.
fn scope(args: &Args) -> Result<Scope> {
    let Some(app) = &args.app else { return Ok(Scope::named(ANY_APP)) };
    let project = Project::find(None)?;
    let help = "run `meshsynth synth` first";
    let at = TargetArgs { env: None, assembly: None, role: None, json: false };
    let deployment = project.deployment_of(app, &at, help)?;
    Ok(Scope::of(&Assembly::read(&deployment.folder)?, deployment.config.bucket.as_deref()))
}
