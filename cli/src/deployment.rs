//! An app in one of its environments, as it is deployed: where its output is, how AWS is reached, what became of it.

use std::path::{Path, PathBuf};
use std::{env, process};

use anyhow::{Context, Result};
use meshsynth_assembly::Assembly;
use meshsynth_assembly::problem::Problem;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::time::now;
use meshsynth_deploy::watch::Watch;

use crate::config::{self, Config};
use crate::follow::Follow;
use crate::interrupt;
use crate::shell::{Shell, count, shown};

/// An app in one of its environments.
pub struct Deployment {
    /// The name of the app, its environment included.
    pub name: String,
    /// The folder of its assembly.
    pub folder: PathBuf,
    /// The folder of all outputs.
    pub output: PathBuf,
    /// What the configuration says.
    pub config: config::Deploy,
}

impl Deployment {
    /// The app with this name, whose assembly must be in the folder.
    pub fn new(config: &Config, name: &str, folder: PathBuf, help: &str) -> Result<Self> {
        let here = env::current_dir().context("cannot determine the current folder")?;
        if !folder.join("manifest.json").exists() {
            let problem = Problem::setting(format!("there is no assembly at `{}`", shown(&folder, &here)));
            return Err(problem.help(help).into());
        }
        let assembly = Assembly::read(&folder).with_context(|| format!("cannot read `{}`", shown(&folder, &here)))?;
        if assembly.manifest.app != name {
            let text = format!("`{}` is of `{}`, and `{name}` is meant", shown(&folder, &here), assembly.manifest.app);
            return Err(Problem::setting(text).help("name the folder of its own assembly").into());
        }
        Ok(Self::at(config, name, folder))
    }

    /// The app with this name, whatever is in the folder.
    pub fn at(config: &Config, name: &str, folder: PathBuf) -> Self {
        let deploy = config.deploy.get(name).cloned().unwrap_or_default();
        Self { name: name.to_owned(), folder, output: config.output.clone(), config: deploy }
    }

    /// What the crate `meshsynth-deploy` works with; `role` is that of the command line.
    pub fn options<'a>(&self, role: Option<&str>, settings: Settings, watch: &'a dyn Watch) -> Options<'a> {
        let role = role.map(str::to_owned).or_else(|| self.config.role.clone());
        Options {
            folder: self.folder.clone(),
            output: self.output.clone(),
            settings,
            aws: AwsAccess { role, external_id: self.config.external_id.clone(), ..AwsAccess::default() },
            bucket: self.config.bucket.clone(),
            clusters: ClusterAccess::default(),
            who: user_and_host(),
            breaks_lock: false,
            watch,
            is_interrupted: interrupt::happened,
        }
    }
}

/// Says how a command ended that changes AWS; each failure is written like a diagnostic.
pub fn report(shell: &Shell, report: &Report, verb: &str, name: &str, follow: &Follow<'_>) {
    for (_, failure) in &report.failed {
        shell.report(&failure.to_string());
    }
    let (done, seconds) = (count(report.done.len(), "part"), follow.seconds());
    if report.is_interrupted() {
        shell.failed(&format!(
            "interrupted: `{name}`: {done} done, {} not finished, {} not started; run again to continue",
            report.failed.len(),
            report.skipped.len()
        ));
    } else if report.is_fine() {
        shell.done(verb, &format!("{name}: {done} in {seconds:.1} s"));
    } else {
        shell.failed(&format!(
            "`{name}`: {done} done, {} failed, {} not started; run again to continue",
            report.failed.len(),
            report.skipped.len()
        ));
    }
}

/// An error of a command that began nothing: it ends with the exit code for usage and configuration.
pub fn not_begun(error: anyhow::Error) -> anyhow::Error {
    match error.is::<Failure>() {
        true => error,
        false => Problem::setting(format!("{error:#}")).help("fix that, then run again: nothing was started").into(),
    }
}

/// How many stacks and clusters a plan has.
pub fn size(plan: &Plan) -> String {
    let rows = count(plan.order.len(), "row");
    format!("{} in {rows}, {}", count(plan.stacks.len(), "stack"), count(plan.clusters.len(), "cluster"))
}

/// The user and the machine, for whoever finds the lock held.
pub fn user_and_host() -> String {
    let name = |names: &[&str]| names.iter().find_map(|name| env::var(name).ok()).filter(|it| !it.is_empty());
    let user = name(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "somebody".to_owned());
    match name(&["HOSTNAME", "COMPUTERNAME"]) {
        Some(host) => format!("{user}@{host}"),
        None => user,
    }
}

/// A token that no other run has.
pub fn run_id() -> String {
    format!("{:x}-{:x}", now(), process::id())
}

/// A path of the command line, from the current folder.
pub fn absolute(path: Option<&PathBuf>, here: &Path) -> Option<PathBuf> {
    path.map(|path| here.join(path))
}
