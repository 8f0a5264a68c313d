//! What may be wrong with a machine and a project: findings, each with its mend.

mod machine;
mod project;
mod reach;

use std::path::Path;

use anyhow::Result;
use meshsynth_deploy::failure::Failure;
use serde_json::{Value, json};

use crate::cli::Doctor;
use crate::config::Config;
use crate::problem::Problem;
use crate::shell::Shell;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Good,
    /// Somebody should look.
    Doubtful,
    /// It does not work.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug)]
pub struct Finding {
    /// What was looked at, such as `toolchain`.
    pub about: &'static str,
    /// How it is.
    pub state: State,
    /// What there is, or what is wrong.
    pub text: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Finding {
    fn good(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: State::Good, text: text.into(), help: None }
    }

    fn doubtful(about: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { about, state: State::Doubtful, text: text.into(), help: Some(help.into()) }
    }

    fn wrong(about: &'static str, text: impl Into<String>, help: impl Into<String>) -> Self {
        Self { state: State::Wrong, ..Self::doubtful(about, text, help) }
    }

    /// An error of another command as a finding.
    fn of_error(about: &'static str, error: &anyhow::Error) -> Self {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            let cause = if failure.cause.is_empty() { String::new() } else { format!(": {}", failure.cause) };
            return Self::wrong(about, format!("{}{cause}", failure.text), failure.help.clone());
        }
        let problem = error.downcast_ref::<Problem>();
        let place = problem.and_then(|it| it.place.as_ref()).map(|place| format!(" ({place})")).unwrap_or_default();
        let help = problem.and_then(|it| it.help.clone()).unwrap_or_else(|| "see above".to_owned());
        Self::wrong(about, format!("{error:#}{place}"), help)
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let state = match self.state {
            State::Good => "good",
            State::Doubtful => "doubtful",
            State::Wrong => "wrong",
        };
        json!({ "about": self.about, "state": state, "text": self.text, "help": self.help })
    }
}

/// Looks at everything that the command line asks for.
pub fn look(shell: &Shell, path: Option<&Path>, args: &Doctor) -> Result<Vec<Finding>> {
    let runs = !args.no_run;
    let mut findings = Vec::new();
    let config = match Config::find(path) {
        Ok(config) => {
            findings.push(project::configuration(&config));
            Some(config)
        }
        Err(error) => {
            findings.push(Finding::of_error("configuration", &error));
            None
        }
    };
    let here = config.as_ref().map_or(Path::new("."), |config| &config.folder);
    findings.extend(machine::toolchain(here, config.as_ref()));
    findings.push(machine::git(here));
    let Some(config) = config else { return Ok(findings) };
    findings.extend(project::library(&config));
    let mut needs_helm = Vec::new();
    let targets = config.targets(&args.apps, args.env.as_deref())?;
    for &target in &targets {
        project::target(shell, &config, target, runs, &mut findings, &mut needs_helm);
    }
    findings.extend(machine::helm(&needs_helm));
    if args.aws || args.clusters {
        for &target in &targets {
            findings.extend(reach::look(shell, &config, target, args));
        }
    }
    Ok(findings)
}
