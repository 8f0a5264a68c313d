//! Shared parts of commands: the project, the selected app, and the arguments for both.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use meshsynth::diag::Diagnostic;
use meshsynth_diff::day::Day;
use meshsynth_model::problem::{Problem, list};

use crate::config::{Config, Target};
use crate::current;
use crate::deployment::Deployment;
use crate::policies;
use crate::shell::{Shell, shown};
use crate::synth_record;

/// The outcome of a command that ran without an internal error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No mistakes.
    Fine,
    /// The platform has mistakes.
    Mistakes,
    /// The user interrupted the command, and it reported its progress.
    Interrupted,
}

/// The format of diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Diagnostics {
    Text,
    Json,
    Sarif,
}

/// The selected app, and the access to AWS.
#[derive(clap::Args, Debug)]
pub struct TargetArgs {
    /// The environment; optional if there is only one.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The folder of an assembly to use, instead of the output.
    #[arg(long, value_name = "FOLDER")]
    pub assembly: Option<PathBuf>,
    /// The IAM role to assume; `{account}` is replaced by the account of each stack.
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// Print events as JSON lines to stdout.
    #[arg(long)]
    pub json: bool,
}

/// The access to clusters.
#[derive(clap::Args, Debug)]
pub struct ClusterArgs {
    /// A kubeconfig for the clusters, instead of EKS tokens.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context in the kubeconfig.
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
}

/// The project of a command.
pub struct Project {
    /// The configuration.
    pub config: Config,
    /// The current folder.
    pub here: PathBuf,
}

impl Project {
    /// Finds the project of the given configuration, or of the nearest one.
    pub fn find(file: Option<&Path>) -> Result<Self> {
        let here = env::current_dir().context("cannot determine the current folder")?;
        Ok(Self { config: Config::find(file)?, here })
    }

    /// Returns a path relative to the current folder, if it is below it.
    pub fn shown(&self, path: &Path) -> String {
        shown(path, &self.here)
    }

    /// Returns the selected app in the selected environment. More than one match is an error.
    pub fn target(&self, command: &str, app: Option<&str>, env: Option<&str>) -> Result<Target<'_>> {
        let names: Vec<String> = app.iter().map(|&app| app.to_owned()).collect();
        let targets = self.config.targets(&names, env)?;
        if let [target] = targets[..] {
            return Ok(target);
        }
        let names: Vec<String> = targets.iter().map(Target::name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let first = targets.first().map(Target::arguments).unwrap_or_default();
        let problem = Problem::setting(format!("more than one app or environment matches: {}", list(&names)));
        Err(problem.help(format!("specify one, such as `meshsynth {command} {first}`")).into())
    }

    /// Returns the deployment of the selected app, with the assembly that the arguments specify.
    pub fn deployment(&self, command: &str, app: Option<&str>, at: &TargetArgs) -> Result<Deployment> {
        let target = self.target(command, app, at.env.as_deref())?;
        self.deployment_of(&target.name(), at, &format!("run `meshsynth synth {}` first", target.app.name))
    }

    /// Returns the deployment by the name of the app in its environment. `help` explains how to get a missing assembly.
    pub fn deployment_of(&self, name: &str, at: &TargetArgs, help: &str) -> Result<Deployment> {
        let output = || self.config.output.join(name);
        let folder = at.assembly.as_ref().map_or_else(output, |folder| self.here.join(folder));
        Deployment::new(&self.config, name, folder, help)
    }

    /// Returns an error if the output differs from a new synthesis, unless an option accepts it as written. `instead`
    /// is the help for a machine that cannot run the program.
    pub fn require_current(
        &self,
        shell: &Shell,
        deployment: &Deployment,
        at: &TargetArgs,
        no_synth: bool,
        instead: &str,
    ) -> Result<()> {
        if at.assembly.is_some() {
            return Ok(());
        }
        if no_synth {
            let path = self.shown(&deployment.folder);
            shell.note(&format!("using the existing `{path}`: the program is not run"));
            return self.note_stale(shell, deployment, at);
        }
        match self.config.targets(&[], None)?.into_iter().find(|target| target.name() == deployment.name) {
            Some(target) => current::check(shell, &self.config, target, instead),
            None => Ok(()),
        }
    }

    /// Returns the findings of the project's policies in an output of any origin, or the errors in the policies.
    pub fn denied(&self, deployment: &Deployment, today: Day) -> Result<Vec<Diagnostic>> {
        let policies = policies::load(Some(&self.config))?;
        if !policies.wrong().is_empty() {
            return Ok(policies.wrong().to_vec());
        }
        let targets = self.config.targets(&[], None)?;
        let target = targets.into_iter().find(|target| target.name() == deployment.name);
        let environment = target.and_then(|target| target.environment);
        let (counting, _) = policies::judge_assembly(&policies, &deployment.folder, &self.config, environment, today)?;
        Ok(counting.into_iter().filter(Diagnostic::is_error).collect())
    }

    /// Prints a note if the output is known to be older than the program.
    pub fn note_stale(&self, shell: &Shell, deployment: &Deployment, at: &TargetArgs) -> Result<()> {
        if at.assembly.is_some() {
            return Ok(());
        }
        if let Some(stale) = synth_record::stale(&self.config, &deployment.folder)? {
            shell.note(&format!("note: {}", synth_record::tell(&self.shown(&deployment.folder), &stale)));
        }
        Ok(())
    }
}

/// Returns the given date, or the current date.
pub fn today(named: Option<&str>) -> Result<Day> {
    let Some(text) = named else { return crate::today::today() };
    let problem = || Problem::setting(format!("`{text}` is not a date")).help("write the date as `--today 2026-12-31`");
    Ok(Day::parse(text).ok_or_else(problem)?)
}
