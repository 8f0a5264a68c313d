//! `meshsynth deploy`: deploys the output to AWS and its clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result};
use meshsynth_cli::commands::context::{Outcome, Project, TargetArgs};
use meshsynth_cli::commands::deploy::{Args, RequireApproval};
use meshsynth_cli::deployment::{Deployment, absolute};
use meshsynth_cli::interrupt;
use meshsynth_cli::shell::{Shell, count};
use meshsynth_cli::whole_file;
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::cloud::Secret;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::{ImportSettings, Settings};
use meshsynth_deploy::{commands, takeovers};
use meshsynth_model::problem::Problem;

use crate::follow::Follow;
use crate::gates;
use crate::options::{self, cluster_access, run_id};
use crate::report::{not_begun, outcome, report, size};

/// The prefix of environment variables that set template parameters.
const PARAMETER: &str = "MESHSYNTH_PARAMETER_";

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let here = &project.here;
    let saved = args.app.as_deref().filter(|app| app.ends_with(".json")).map(|path| here.join(path));
    let deployment = match &saved {
        Some(path) => deployment_of_plan(&project, path, &args.at)?,
        None => project.deployment("deploy", args.app.as_deref(), &args.at)?,
    };
    let instead = "use `--no-synth` to deploy the existing output";
    project.require_current(shell, &deployment, &args.at, args.no_synth, instead)?;
    let by_region = args.by_region.then(|| deployment.config.regions.clone());
    if let Some(path) = &args.plan {
        let plan = match &by_region {
            Some(order) => commands::plan_by_region(&deployment.folder, &deployment.output, order)?,
            None => commands::plan(&deployment.folder, &deployment.output)?,
        };
        let path = here.join(path);
        let shown = project.shown(&path);
        whole_file::write(&path, plan.to_json()).with_context(|| format!("cannot write `{shown}`"))?;
        shell.done("planned", &format!("{}: {} -> {shown}", deployment.name, size(&plan)));
        if !takes_over(args) {
            return Ok(Outcome::Fine);
        }
    } else if !gates::are_open(shell, &project, &deployment, args)? {
        return Ok(Outcome::Mistakes);
    }
    let settings = settings(shell, &project, &deployment, args)?;
    let follow = Follow::new(shell, args.at.json);
    interrupt::end_at_once_when_repeated();
    let mut options = options::of(&deployment, args.at.role.as_deref(), settings, &follow);
    options.clusters = ClusterAccess {
        helm: absolute(args.helm.as_ref(), here),
        stacks_only: args.stacks_only,
        force: args.force_conflicts,
        take_over: args.take_over.clone(),
        approval: options.settings.approval,
        ..cluster_access(&args.cluster, here)
    };
    options.bucket = args.bucket.clone().or(options.bucket);
    options.breaks_lock = args.break_lock;
    options.refactors = args.refactor;
    options.by_region = by_region;
    if args.plan.is_some() {
        return look(shell, &options, &deployment.name);
    }
    let done = commands::deploy(&options, saved.as_deref()).map_err(not_begun)?;
    report(shell, &done, "deployed", &deployment.name, &follow);
    Ok(outcome(&done))
}

/// Whether the run takes over, moves or imports resources.
fn takes_over(args: &Args) -> bool {
    let objects = !args.take_over.is_empty() && !args.stacks_only;
    objects || args.refactor || !args.adopt.is_empty() || args.import.is_some()
}

/// Prints the resources that the plan would take over or move.
fn look(shell: &Shell, options: &Options<'_>, name: &str) -> Result<Outcome> {
    let wrong = takeovers::look(options).map_err(not_begun)?;
    for failure in &wrong {
        shell.report(&failure.to_string());
    }
    if wrong.is_empty() {
        return Ok(Outcome::Fine);
    }
    shell.failed(&format!(
        "`{name}`: {} found for the takeover, the import or the stack refactor",
        count(wrong.len(), "problem")
    ));
    Ok(Outcome::Mistakes)
}

/// Returns the stack settings of the command line and the configuration.
fn settings(shell: &Shell, project: &Project, deployment: &Deployment, args: &Args) -> Result<Settings> {
    let stack_policy = match &deployment.config.stack_policy {
        Some(path) => {
            let path = project.config.folder.join(path);
            Some(fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", project.shown(&path)))?)
        }
        None => None,
    };
    Ok(Settings {
        approval: approval(args.require_approval),
        adopt: args.adopt.clone(),
        import: import(project, args)?,
        skip: args.skip.clone(),
        retain: args.retain.clone(),
        parameters: parameters(shell, project, deployment, args)?,
        role: deployment.config.service_role.clone(),
        protect: deployment.config.protect,
        stack_policy,
        run: run_id(),
        ..Settings::default()
    })
}

/// Returns the import settings of the command line, or `None` without `--import`.
fn import(project: &Project, args: &Args) -> Result<Option<ImportSettings>> {
    let Some(resources) = &args.import else { return Ok(None) };
    let identifiers = match &args.import_ids {
        Some(path) => {
            let path = project.here.join(path);
            let shown = project.shown(&path);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{shown}`"))?;
            commands::identifiers(&text).with_context(|| format!("`{shown}` cannot be parsed"))?
        }
        None => BTreeMap::new(),
    };
    let resources = resources.iter().filter(|name| !name.is_empty()).cloned().collect();
    Ok(Some(ImportSettings { resources, identifiers, scans: args.scan, looks: false }))
}

/// Converts the approval option into the type of the crate `meshsynth-deploy`.
fn approval(when: RequireApproval) -> Approval {
    match when {
        RequireApproval::Never => Approval::Never,
        RequireApproval::Access => Approval::Access,
        RequireApproval::DataLoss => Approval::DataLoss,
        RequireApproval::Always => Approval::Always,
    }
}

/// Returns the deployment of the app that a saved plan belongs to.
fn deployment_of_plan(project: &Project, path: &Path, at: &TargetArgs) -> Result<Deployment> {
    let shown = project.shown(path);
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let name = value["app"].as_str().unwrap_or_default();
    if !project.config.targets(&[], None)?.iter().any(|target| target.name() == name) {
        let problem = Problem::setting(format!("`{shown}` is not a plan of an app of this project"));
        return Err(problem.help("write one with `meshsynth deploy --plan plan.json`").into());
    }
    project.deployment_of(name, at, "synthesize the app and environment of the plan")
}

/// Reads parameter values from a file and from the environment. Returns them by stack and name.
fn parameters(
    shell: &Shell,
    project: &Project,
    deployment: &Deployment,
    args: &Args,
) -> Result<BTreeMap<(String, String), Secret>> {
    let plan = commands::plan(&deployment.folder, &deployment.output)?;
    let mut out = match &args.parameters {
        Some(path) => {
            let path = project.here.join(path);
            let shown = project.shown(&path);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{shown}`"))?;
            commands::parameters(&text).with_context(|| format!("`{shown}` cannot be parsed"))?
        }
        None => BTreeMap::new(),
    };
    for stack in &plan.stacks {
        for name in stack.parameters.keys() {
            if let Ok(value) = env::var(format!("{PARAMETER}{name}")) {
                out.entry((stack.id.clone(), name.clone())).or_insert(Secret(value));
            }
        }
    }
    // The variable may belong to another app, so this is only a note.
    let given = env::vars_os().filter_map(|(name, _)| Some(name.to_str()?.strip_prefix(PARAMETER)?.to_owned()));
    let given: BTreeSet<String> = given.collect();
    for name in given.iter().filter(|name| plan.stacks.iter().all(|stack| !stack.parameters.contains_key(*name))) {
        shell.note(&format!("`{PARAMETER}{name}` is set, but no stack of `{}` has that parameter", deployment.name));
    }
    Ok(out)
}
