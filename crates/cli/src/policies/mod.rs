//! The policies of a project: loads them with its configuration, and applies its severities and exceptions.

mod sides;

use std::path::Path;

use anyhow::Result;
use meshsynth::diag::Diagnostic;
use meshsynth_check::policy::{self, Policies};
use meshsynth_diff::day::Day;
use meshsynth_model::problem::Problem;

pub use self::sides::Sides;
use crate::config::Config;
use crate::shell::{Shell, count};

/// Reads the files that the configuration specifies.
///
/// # Errors
///
/// If a pattern matches no file, or a file cannot be read.
pub fn load(config: Option<&Config>) -> Result<Policies> {
    match config {
        Some(config) => Policies::load(&config.folder, &config.policy_files.patterns),
        None => Ok(Policies::default()),
    }
}

/// Prints the errors in the files, and returns an error if there are any.
pub fn valid(policies: Policies, shell: &Shell) -> Result<Policies> {
    if policies.wrong().is_empty() {
        return Ok(policies);
    }
    shell.diagnostics(policies.wrong());
    let text = format!("the policies have {}", count(policies.wrong().len(), "error"));
    Err(Problem::setting(text).help("fix the files in `[policy]`").into())
}

/// Returns the findings of the policies in the assembly of an environment: those that count, and those that are
/// suppressed.
pub fn judge_assembly(
    policies: &Policies,
    folder: &Path,
    config: &Config,
    environment: Option<&str>,
    today: Day,
) -> Result<(Vec<Diagnostic>, Vec<Diagnostic>)> {
    judged(policies.judge_assembly(folder)?, folder, config, environment, today)
}

/// Applies severities and exceptions to any findings in the assembly of an environment. Returns those that count,
/// and those that are suppressed.
pub fn judged(
    found: Vec<Diagnostic>,
    folder: &Path,
    config: &Config,
    environment: Option<&str>,
    today: Day,
) -> Result<(Vec<Diagnostic>, Vec<Diagnostic>)> {
    policy::judged(found, folder, &config.severity.of(environment), &config.check.everywhere, today)
}
