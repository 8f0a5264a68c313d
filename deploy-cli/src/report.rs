//! How a command ended that works on AWS and clusters, as it is told.

use meshsynth_assembly::failure::Failure;
use meshsynth_assembly::problem::Problem;
use meshsynth_cli::commands::context::Outcome;
use meshsynth_cli::shell::{Shell, count};
use meshsynth_deploy::executor::Report;
use meshsynth_deploy::plan::Plan;

use crate::follow::Follow;

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

/// The outcome of a command that changes AWS.
pub fn outcome(report: &Report) -> Outcome {
    match report {
        report if report.is_interrupted() => Outcome::Interrupted,
        report if report.is_fine() => Outcome::Fine,
        _ => Outcome::Mistakes,
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
