//! Renders results as text, grouped by kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meshsynth_reach::loss::{Cause, Finding, Outcome};

use super::report::{Report, alike, shown};

/// Renders the results as text.
pub fn text(report: &Report) -> String {
    let mut out = format!("{} without {}\n", report.platform, report.loss.lost);
    for (kind, _) in report.counts() {
        let _ = writeln!(out, "\n{}", kind.heading());
        let (left, told): (Vec<&Finding>, Vec<&Finding>) =
            report.loss.of(kind).into_iter().partition(|it| is_short(report, it));
        let (with_caller, told): (Vec<&Finding>, Vec<&Finding>) =
            told.into_iter().partition(|it| it.judgement.is_with_caller);
        match report.why {
            true => told.into_iter().for_each(|it| write(&mut out, it)),
            false => alike(&told).into_iter().for_each(|it| write_all(&mut out, &it)),
        }
        list(&mut out, Outcome::Lost, "with their callers", &with_caller);
        list(&mut out, Outcome::Left, "", &left);
    }
    if !report.loss.steps.is_empty() {
        let _ = writeln!(out, "\nmanual recovery steps, in order");
        for (idx, step) in report.loss.steps.iter().enumerate() {
            let _ = writeln!(out, "  {}. {}", idx + 1, shown(&step.text));
        }
        let _ = writeln!(out, "  show the commands with --runbook");
    }
    let _ = writeln!(out, "\n{}", report.summary());
    for unread in &report.unread {
        let _ = writeln!(out, "not read: {unread}");
    }
    out
}

/// Whether a finding is unaffected and is only listed by name.
fn is_short(report: &Report, finding: &Finding) -> bool {
    finding.outcome() == Outcome::Left && (finding.judgement.causes.is_empty() || !report.why)
}

/// Writes findings with the same outcome and causes in one row. `--why` shows the line of each.
fn write_all(out: &mut String, findings: &[&Finding]) {
    let [first, _, ..] = findings else { return findings.iter().for_each(|it| write(out, it)) };
    let names: Vec<String> = findings.iter().map(|it| shown(&it.name)).collect();
    let _ = writeln!(out, "  {:10}  {} ({})", first.outcome().word(), names.join(", "), names.len());
    for cause in &first.judgement.causes {
        let _ = writeln!(out, "  {:10}    {}", "", shown(&cause.why));
    }
}

fn write(out: &mut String, finding: &Finding) {
    let _ = writeln!(out, "  {:10}  {}", finding.outcome().word(), shown(&finding.name));
    for cause in &finding.judgement.causes {
        let _ = writeln!(out, "  {:10}    {}", "", shown(&cause.why));
        let by = by(cause);
        if !by.is_empty() {
            let _ = writeln!(out, "  {:10}    {by}", "");
        }
    }
}

/// Formats the resource, the field and the line of a cause.
pub fn by(cause: &Cause) -> String {
    let place = cause.at.as_ref().map(|it| format!(" at {it}")).unwrap_or_default();
    let words: Vec<&str> =
        [cause.what.as_str(), cause.field.as_str()].into_iter().filter(|it| !it.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!("{}{place}", words.join(" ")) }
}

fn list(out: &mut String, outcome: Outcome, how: &str, all: &[&Finding]) {
    if all.is_empty() {
        return;
    }
    // Paths with the same start are written together.
    let mut by_start: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in all {
        let (start, end) = finding.name.split_once(" -> ").unwrap_or(("", &finding.name));
        by_start.entry(start).or_default().push(end);
    }
    let how = if how.is_empty() { String::new() } else { format!("{how}: ") };
    for (start, ends) in by_start {
        let start = if start.is_empty() { String::new() } else { format!("{start} -> ") };
        let _ = writeln!(out, "  {:10}  {how}{start}{}", outcome.word(), shown(&ends.join(", ")));
    }
}
