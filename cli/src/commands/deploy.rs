//! `meshsynth deploy`: takes the output to AWS and to its clusters.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use clap::ValueEnum;
use meshsynth_assembly::problem::Problem;
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::cloud::Secret;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::commands;
use meshsynth_deploy::stack::Settings;

use super::context::{ClusterArgs, Outcome, Project, TargetArgs};
use crate::deployment::{Deployment, absolute, not_begun, report, run_id, size};
use crate::follow::Follow;
use crate::interrupt;
use crate::shell::Shell;

/// The prefix of variables with values of template parameters.
const PARAMETER: &str = "MESHSYNTH_PARAMETER_";

/// What stands below the help.
pub const HELP: &str = "\
Examples:
  meshsynth deploy shop --env staging       asks before access widens or data is at risk
  meshsynth deploy shop --plan plan.json    writes the plan without deploying
  meshsynth deploy plan.json                deploys by a saved plan of the same output
  meshsynth deploy shop --require-approval never --json   for CI

The program is run first, into a temporary folder, and a stale output is refused. --no-synth deploys
the output as written, such as a CI artifact; --assembly deploys any folder.

The values of template parameters are read from MESHSYNTH_PARAMETER_<name> or --parameters.

Exit codes:
  0    deployed, or nothing to change
  1    something failed or was not approved: the report says what to do; run the command again to
       continue
  2    nothing was started: a program that fails, a stale output, usage, configuration, or a lock
       that another run holds
  130  interrupted: the current call was finished, and AWS continues; interrupt again to end at
       once";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The app, or a plan written by `--plan`; optional if there is only one app.
    #[arg(value_name = "APP|PLAN.json")]
    pub app: Option<String>,
    #[command(flatten)]
    pub at: TargetArgs,
    /// Write the plan to a file, without deploying.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// When to ask for approval before a stack or cluster is changed.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = RequireApproval::Access)]
    pub require_approval: RequireApproval,
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// The path of the Helm binary, instead of the one in PATH.
    #[arg(long, value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// Use the output as written, such as a CI artifact, instead of running the program.
    #[arg(long)]
    pub no_synth: bool,
    /// Deploy only the stacks.
    #[arg(long)]
    pub stacks_only: bool,
    /// Take over fields that other field managers own, and remove fields that were added by hand.
    #[arg(long)]
    pub force_conflicts: bool,
    /// The bucket for templates larger than 51,200 bytes, instead of the one of `meshsynth bootstrap`.
    #[arg(long, value_name = "NAME")]
    pub bucket: Option<String>,
    /// A JSON file with the values of template parameters: {"<stack>": {"<name>": "<value>"}}.
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// Names of existing stacks, created by another tool, to take over.
    #[arg(long, value_name = "STACK", value_delimiter = ',')]
    pub adopt: Vec<String>,
    /// Logical ids to skip when a failed rollback is continued.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// Logical ids to retain when a failed deletion is repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub retain: Vec<String>,
    /// Break the deployment lock of a run that is known to have ended.
    #[arg(long)]
    pub break_lock: bool,
}

/// When somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RequireApproval {
    /// Never.
    Never,
    /// When access changes, or data is at risk.
    Access,
    /// When data is at risk.
    DataLoss,
    /// Before every change.
    Always,
}

impl From<RequireApproval> for Approval {
    fn from(when: RequireApproval) -> Self {
        match when {
            RequireApproval::Never => Self::Never,
            RequireApproval::Access => Self::Access,
            RequireApproval::DataLoss => Self::DataLoss,
            RequireApproval::Always => Self::Always,
        }
    }
}

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let here = &project.here;
    let saved = args.app.as_deref().filter(|app| app.ends_with(".json")).map(|path| here.join(path));
    let deployment = match &saved {
        Some(path) => deployment_of_plan(&project, path, &args.at)?,
        None => project.deployment("deploy", args.app.as_deref(), &args.at)?,
    };
    let instead = "`--no-synth` deploys the output as it is written";
    project.require_current(shell, &deployment, &args.at, args.no_synth, instead)?;
    if let Some(path) = &args.plan {
        let plan = commands::plan(&deployment.folder, &deployment.output)?;
        let path = here.join(path);
        let shown = project.shown(&path);
        fs::write(&path, plan.to_json()).with_context(|| format!("cannot write `{shown}`"))?;
        shell.done("planned", &format!("{}: {} -> {shown}", deployment.name, size(&plan)));
        return Ok(Outcome::Fine);
    }
    let settings = settings(shell, &project, &deployment, args)?;
    let follow = Follow::new(shell, args.at.json);
    interrupt::end_at_once_when_repeated();
    let mut options = deployment.options(args.at.role.as_deref(), settings, &follow);
    options.clusters = ClusterAccess {
        helm: absolute(args.helm.as_ref(), here),
        stacks_only: args.stacks_only,
        force: args.force_conflicts,
        approval: options.settings.approval,
        ..args.cluster.access(here)
    };
    options.bucket = args.bucket.clone().or(options.bucket);
    options.breaks_lock = args.break_lock;
    let done = commands::deploy(&options, saved.as_deref()).map_err(not_begun)?;
    report(shell, &done, "deployed", &deployment.name, &follow);
    Ok(Outcome::of(&done))
}

/// How stacks are deployed, as the command line and the configuration say.
fn settings(shell: &Shell, project: &Project, deployment: &Deployment, args: &Args) -> Result<Settings> {
    let stack_policy = match &deployment.config.stack_policy {
        Some(path) => {
            let path = project.config.folder.join(path);
            Some(fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", project.shown(&path)))?)
        }
        None => None,
    };
    Ok(Settings {
        approval: args.require_approval.into(),
        adopt: args.adopt.clone(),
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

/// The app that a saved plan is of.
fn deployment_of_plan(project: &Project, path: &Path, at: &TargetArgs) -> Result<Deployment> {
    let shown = project.shown(path);
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let name = value["app"].as_str().unwrap_or_default();
    if !project.config.targets(&[], None)?.iter().any(|target| target.name() == name) {
        let problem = Problem::setting(format!("`{shown}` is not a plan of an app of this project"));
        return Err(problem.help("write one with `meshsynth deploy --plan plan.json`").into());
    }
    project.deployment_of(name, at, "synthesize what the plan was made for")
}

/// Values of parameters by stack and name, from a file and from the environment.
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
            commands::parameters(&text).with_context(|| format!("`{shown}` is not readable"))?
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
    // It may be for another app, so it is told and no more.
    let given = env::vars_os().filter_map(|(name, _)| Some(name.to_str()?.strip_prefix(PARAMETER)?.to_owned()));
    let given: BTreeSet<String> = given.collect();
    for name in given.iter().filter(|name| plan.stacks.iter().all(|stack| !stack.parameters.contains_key(*name))) {
        shell.note(&format!("`{PARAMETER}{name}` is set, and no stack of `{}` has that parameter", deployment.name));
    }
    Ok(out)
}
