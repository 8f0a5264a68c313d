//! `meshsynth deploy` and `bootstrap`: what changes AWS.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use anyhow::{Context, Result};
use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::aws::Access;
use meshsynth_deploy::call::Call;
use meshsynth_deploy::cloud::Secret;
use meshsynth_deploy::clusters::Ways;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{bootstrap as base, record, run as commands};

use super::synth::shown;
use super::{Outcome, output};
use crate::cli::{Bootstrap, Deploy as Args, RequireApproval, Where, Whose};
use crate::config::{self, Config, Target};
use crate::follow::Follow;
use crate::interrupt;
use crate::problem::{Problem, list};
use crate::shell::{Shell, count};

/// The prefix of variables with values of template parameters.
const PARAMETER: &str = "MESHSYNTH_PARAMETER_";

/// What a command is about.
pub(super) struct Subject {
    /// The name of the app, its environment included.
    pub(super) name: String,
    /// The folder of its assembly.
    pub(super) folder: PathBuf,
    /// The folder of all outputs.
    pub(super) output: PathBuf,
    /// What the configuration says.
    pub(super) deploy: config::Deploy,
}

/// Runs `deploy`.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let config = Config::find(file)?;
    let here = env::current_dir().context("cannot tell the current folder")?;
    let saved = args.app.as_deref().filter(|app| app.ends_with(".json")).map(|path| here.join(path));
    let subject = match &saved {
        Some(path) => subject_of_plan(&config, path, &args.at, &here)?,
        None => subject(&config, "deploy", args.app.as_deref(), &args.at, &here)?,
    };
    let instead = "`--no-synth` deploys the output as it is written";
    output::require(shell, &config, &subject, &args.at, args.no_synth, instead)?;
    if let Some(path) = &args.plan {
        let plan = commands::plan(&subject.folder, &subject.output)?;
        let path = here.join(path);
        fs::write(&path, plan.to_json()).with_context(|| format!("cannot write `{}`", shown(&path, &here)))?;
        shell.done("planned", &format!("{}: {} -> {}", subject.name, size(&plan), shown(&path, &here)));
        return Ok(Outcome::Fine);
    }
    let stack_policy = match &subject.deploy.stack_policy {
        Some(path) => {
            let path = config.folder.join(path);
            Some(fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", shown(&path, &here)))?)
        }
        None => None,
    };
    let settings = Settings {
        approval: match args.require_approval {
            RequireApproval::Never => Approval::Never,
            RequireApproval::Access => Approval::Access,
            RequireApproval::DataLoss => Approval::DataLoss,
            RequireApproval::Always => Approval::Always,
        },
        adopt: args.adopt.clone(),
        skip: args.skip.clone(),
        retain: args.retain.clone(),
        parameters: parameters(shell, &subject, args, &here)?,
        role: subject.deploy.service_role.clone(),
        protect: subject.deploy.protect,
        stack_policy,
        run: run_id(),
        ..Settings::default()
    };
    let follow = Follow::new(shell, args.at.json);
    interrupt::end_at_once_when_repeated();
    let mut call = call(&subject, &args.at, settings, &follow);
    call.ways = Ways {
        helm: args.helm.as_ref().map(|path| here.join(path)),
        stacks_only: args.stacks_only,
        force: args.force_conflicts,
        approval: call.settings.approval,
        ..args.reach.ways(&here)
    };
    call.bucket = args.bucket.clone().or(call.bucket);
    call.breaks_lock = args.break_lock;
    let report = commands::deploy(call, saved.as_deref()).map_err(setting)?;
    tell(shell, &report, "deployed", &subject.name, &follow);
    Ok(outcome(&report))
}

/// Runs `bootstrap`.
pub fn bootstrap(shell: &Shell, args: &Bootstrap) -> Result<Outcome> {
    match args.print_policy {
        Some(Whose::Deployer) => {
            return shell.json(&base::deployer_policy(args.service_role.as_deref())).map(|()| Outcome::Fine);
        }
        Some(Whose::Reader) => return shell.json(&base::reader_policy()).map(|()| Outcome::Fine),
        None => {}
    }
    let follow = Follow::new(shell, args.json);
    interrupt::end_at_once_when_repeated();
    let call = Call {
        folder: PathBuf::new(),
        output: PathBuf::new(),
        settings: Settings { approval: Approval::Never, protect: Some(false), run: run_id(), ..Settings::default() },
        access: Access::default(),
        bucket: None,
        ways: Ways::default(),
        who: who(),
        breaks_lock: false,
        watch: &follow,
        is_interrupted: interrupt::happened,
    };
    let report = commands::bootstrap(&call, &args.region).map_err(setting)?;
    tell(shell, &report, "bootstrapped", &args.region.join(", "), &follow);
    Ok(outcome(&report))
}

pub(super) fn call<'a>(subject: &Subject, at: &Where, settings: Settings, follow: &'a Follow<'_>) -> Call<'a> {
    let role = at.role.clone().or_else(|| subject.deploy.role.clone());
    Call {
        folder: subject.folder.clone(),
        output: subject.output.clone(),
        settings,
        access: Access { role, external_id: subject.deploy.external_id.clone(), ..Access::default() },
        bucket: subject.deploy.bucket.clone(),
        ways: Ways::default(),
        who: who(),
        breaks_lock: false,
        watch: follow,
        is_interrupted: interrupt::happened,
    }
}

/// The one app in the one environment that is meant.
pub(super) fn subject(config: &Config, command: &str, app: Option<&str>, at: &Where, here: &Path) -> Result<Subject> {
    let names: Vec<String> = app.iter().map(|&app| app.to_owned()).collect();
    let targets = config.targets(&names, at.env.as_deref())?;
    let [target] = targets[..] else {
        let names: Vec<String> = targets.iter().map(Target::name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let environment = targets[0].environment.map(|name| format!(" --env {name}")).unwrap_or_default();
        let first = format!("meshsynth {command} {}{environment}", targets[0].app.name);
        let problem = Problem::setting(format!("several are meant: {}", list(&names)));
        return Err(problem.help(format!("name one, such as `{first}`")).into());
    };
    subject_named(config, &target.name(), at, here, &format!("run `meshsynth synth {}` first", target.app.name))
}

fn subject_of_plan(config: &Config, path: &Path, at: &Where, here: &Path) -> Result<Subject> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", shown(path, here)))?;
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let name = value["app"].as_str().unwrap_or_default();
    if !config.targets(&[], None)?.iter().any(|target| target.name() == name) {
        let problem = Problem::setting(format!("`{}` is a plan of no app of this project", shown(path, here)));
        return Err(problem.help("write one with `meshsynth deploy --plan plan.json`").into());
    }
    subject_named(config, name, at, here, "synthesize what the plan was made for")
}

fn subject_named(config: &Config, name: &str, at: &Where, here: &Path, help: &str) -> Result<Subject> {
    let folder = at.assembly.as_ref().map_or_else(|| config.output.join(name), |folder| here.join(folder));
    if !folder.join("manifest.json").exists() {
        let problem = Problem::setting(format!("there is no assembly at `{}`", shown(&folder, here)));
        return Err(problem.help(help).into());
    }
    let assembly =
        crate::assembly::Assembly::read(&folder).with_context(|| format!("cannot read `{}`", shown(&folder, here)))?;
    if assembly.manifest.app != name {
        let text = format!("`{}` is of `{}`, and `{name}` is meant", shown(&folder, here), assembly.manifest.app);
        return Err(Problem::setting(text).help("name the folder of its own assembly").into());
    }
    let deploy = config.deploy.get(name).cloned().unwrap_or_default();
    Ok(Subject { name: name.to_owned(), folder, output: config.output.clone(), deploy })
}

/// Values of parameters, from a file and from the environment.
fn parameters(
    shell: &Shell,
    subject: &Subject,
    args: &Args,
    here: &Path,
) -> Result<std::collections::BTreeMap<(String, String), Secret>> {
    let plan = commands::plan(&subject.folder, &subject.output)?;
    let mut out = match &args.parameters {
        Some(path) => {
            let path = here.join(path);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", shown(&path, here)))?;
            commands::parameters(&text).with_context(|| format!("`{}` is not readable", shown(&path, here)))?
        }
        None => Default::default(),
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
        shell.note(&format!("`{PARAMETER}{name}` is set, and no stack of `{}` has that parameter", subject.name));
    }
    Ok(out)
}

pub(super) fn tell(shell: &Shell, report: &Report, verb: &str, name: &str, follow: &Follow<'_>) {
    for (_, failure) in &report.failed {
        shell.report(&failure.to_string());
    }
    let (done, seconds) = (count(report.done.len(), "part"), follow.seconds());
    if report.is_interrupted() {
        shell.failed(&format!(
            "interrupted: `{name}`: {done} done, {} not finished, {} not begun; run again to go on",
            report.failed.len(),
            report.skipped.len()
        ));
    } else if report.is_fine() {
        shell.done(verb, &format!("{name}: {done} in {seconds:.1} s"));
    } else {
        shell.failed(&format!(
            "`{name}`: {done} done, {} failed, {} not begun; run again to go on",
            report.failed.len(),
            report.skipped.len()
        ));
    }
}

pub(super) fn outcome(report: &Report) -> Outcome {
    match report {
        report if report.is_interrupted() => Outcome::Interrupted,
        report if report.is_fine() => Outcome::Fine,
        _ => Outcome::Mistakes,
    }
}

/// An error of a command that began nothing.
pub(super) fn setting(error: anyhow::Error) -> anyhow::Error {
    match error.is::<Failure>() {
        true => error,
        false => Problem::setting(format!("{error:#}")).help("fix that, then run again: nothing was begun").into(),
    }
}

pub(super) fn size(plan: &Plan) -> String {
    let rows = count(plan.order.len(), "row");
    format!("{} in {rows}, {}", count(plan.stacks.len(), "stack"), count(plan.clusters.len(), "cluster"))
}

/// Who we are, for whoever finds us at work.
fn who() -> String {
    let name = |names: &[&str]| names.iter().find_map(|name| env::var(name).ok()).filter(|it| !it.is_empty());
    let user = name(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "somebody".to_owned());
    match name(&["HOSTNAME", "COMPUTERNAME"]) {
        Some(host) => format!("{user}@{host}"),
        None => user,
    }
}

/// A word that no other run has.
pub(super) fn run_id() -> String {
    format!("{:x}-{:x}", record::now(), process::id())
}
