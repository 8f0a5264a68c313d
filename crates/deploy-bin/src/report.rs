//! Reports the result of a command that accesses AWS and clusters.

use meshsynth_cli::commands::context::Outcome;
use meshsynth_cli::shell::{Shell, count};
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::plan::Plan;
use meshsynth_model::failure::Failure;
use meshsynth_model::problem::Problem;

use crate::follow::Follow;

/// Prints the result of a command that changes AWS. Formats each failure like a diagnostic.
pub fn report(shell: &Shell, report: &Report, verb: &str, name: &str, follow: &Follow<'_>) {
    for (_, failure) in &report.failed {
        shell.report(&failure.to_string());
    }
    let (done, seconds) = (count(report.done.len(), "part"), follow.seconds());
    if report.is_interrupted() {
        shell.failed(&format!(
            "interrupted: `{name}`: {done} done, {} not finished, {} not started; run the command again to continue",
            report.failed.len(),
            report.skipped.len()
        ));
    } else if report.is_fine() {
        shell.done(verb, &format!("{name}: {done} in {seconds:.1} s"));
    } else {
        shell.failed(&format!(
            "`{name}`: {done} done, {} failed, {} not started; run the command again to continue",
            report.failed.len(),
            report.skipped.len()
        ));
    }
}

/// Returns the outcome of a command that changes AWS.
pub fn outcome(report: &Report) -> Outcome {
    match report {
        report if report.is_interrupted() => Outcome::Interrupted,
        report if report.is_fine() => Outcome::Fine,
        _ => Outcome::Mistakes,
    }
}

/// Converts the error of a command that started no change. The exit code is then the one for usage and configuration
/// errors.
pub fn not_begun(error: anyhow::Error) -> anyhow::Error {
    match error.is::<Failure>() {
        true => error,
        false => Problem::setting(format!("{error:#}"))
            .help("fix the problem, then run the command again; no operation was started")
            .into(),
    }
}

/// Formats the number of stacks and clusters in a plan.
pub fn size(plan: &Plan) -> String {
    let rows = count(plan.order.len(), "row");
    format!("{} in {rows}, {}", count(plan.stacks.len(), "stack"), count(plan.clusters.len(), "cluster"))
}
