//! Renders a runbook: the manual steps in order, and the automatic recovery.

use std::fmt::Write as _;

use meshsynth_reach::loss::{Kind, NOT_MODELLED, Outcome};

use super::report::{Report, shown};
use super::text::by;

/// Renders the runbook.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("# {} without {}\n\n", report.platform, report.loss.lost);
    let _ =
        writeln!(out, "Made by `meshsynth lose` {} of the output `{}`.\n", env!("CARGO_PKG_VERSION"), report.digest);
    let _ = writeln!(out, "## By hand\n");
    let mut stage = None;
    for (idx, step) in report.loss.steps.iter().enumerate() {
        if stage != Some(step.stage) {
            let _ = writeln!(out, "{}### {}\n", if stage.is_some() { "\n" } else { "" }, capital(step.stage.words()));
            stage = Some(step.stage);
        }
        let _ = writeln!(out, "{}. [ ] {}.", idx + 1, capital(&shown(&step.text)));
        if !step.command.is_empty() {
            let _ = writeln!(out, "\n   ```sh\n   {}\n   ```\n", shown(&step.command));
        }
    }
    if report.loss.steps.is_empty() {
        let _ = writeln!(out, "Nothing that brings anything back has to be done by hand.");
    }
    section(&mut out, report, "## By itself", Outcome::FailsOver, "Nothing fails over by itself.");
    section(&mut out, report, "## Only the deployment tells", Outcome::Unknown, "Nothing is unknown.");
    section(&mut out, report, "## Lost until it is back", Outcome::Lost, "Nothing is lost.");
    let _ = writeln!(out, "\n## What this does not take into account\n");
    for line in NOT_MODELLED {
        let _ = writeln!(out, "- {line}");
    }
    out
}

fn section(out: &mut String, report: &Report, heading: &str, outcome: Outcome, none: &str) {
    let _ = writeln!(out, "\n{heading}\n");
    let mut is_empty = true;
    for kind in Kind::ALL {
        let all = report.loss.of(kind);
        for finding in all.into_iter().filter(|it| it.outcome() == outcome && !it.judgement.is_with_caller) {
            is_empty = false;
            let whys: Vec<String> = finding.judgement.causes.iter().map(|it| shown(&it.why)).collect();
            let _ = write!(out, "- {}, `{}`: {}.", kind.heading(), shown(&finding.name), whys.join("; "));
            let by = finding.judgement.causes.first().map(by).unwrap_or_default();
            let _ = writeln!(out, "{}", if by.is_empty() { String::new() } else { format!(" `{by}`") });
        }
    }
    if is_empty {
        let _ = writeln!(out, "{none}");
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
