//! Renders a report as Markdown, for issues and pull requests.

use std::fmt::Write as _;

use meshsynth_upgrade::{Applies, Statement, Step};

use super::report::Report;
use super::text::effect_text;

/// Renders a report.
pub fn markdown(report: &Report<'_>) -> String {
    let mut out = format!("# Upgrade of {}\n\n", report.platform);
    out += "| component | in use | supported until | next | where |\n|---|---|---|---|---|\n";
    for row in report.rows() {
        let place = match row.remark() {
            Some(remark) => format!("{}: {remark}", row.component.source),
            None => row.component.source.clone(),
        };
        let until = match row.support.source {
            Some((source, date)) => format!("[{}]({source} \"{date}\")", row.until()),
            None => row.until(),
        };
        let cells = [row.component.title(), row.version().to_owned(), until, row.next().to_owned(), place];
        let _ = writeln!(out, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    for (n, step) in report.steps() {
        section(report, n, step, &mut out);
    }
    if !report.plan.refused.is_empty() || !report.plan.unknowns.is_empty() || !report.unread.is_empty() {
        out += "\n## Not planned\n\n";
    }
    report.plan.refused.iter().for_each(|it| item(&mut out, "refused", it));
    for unknown in &report.plan.unknowns {
        let _ = writeln!(out, "- unknown as of {}: [{}]({})", unknown.date, unknown.text, unknown.page);
    }
    for unread in report.unread {
        let _ = writeln!(out, "- not read: {unread}");
    }
    out
}

fn section(report: &Report<'_>, n: usize, step: &Step, out: &mut String) {
    let _ = writeln!(out, "\n## {n}. {}\n", step.title);
    step.reasons.iter().for_each(|it| item(out, "why", it));
    for edit in &step.edits {
        let _ = writeln!(out, "- edit: `{}`: {} `{}` → `{}`", edit.source, edit.property, edit.old, edit.new);
    }
    step.actions.iter().for_each(|it| item(out, "run", it));
    for effect in &step.effects {
        let _ = writeln!(out, "- effect: {}", effect_text(effect));
    }
    step.hazards.iter().for_each(|it| item(out, "hazard", it));
    step.blockers.iter().for_each(|it| item(out, "**blocker**", it));
    for note in step.notes.iter().filter(|note| report.is_shown(note)) {
        match &note.applies {
            Applies::Here(found) => {
                item(out, if note.is_blocker { "**blocker**" } else { "note" }, &note.statement);
                for evidence in found {
                    let _ = writeln!(out, "  - {}: `{}` ({})", evidence.name, evidence.property, evidence.source);
                }
            }
            Applies::Absent(why) => {
                item(out, "note", &note.statement);
                let _ = writeln!(out, "  - does not concern the platform: {why}");
            }
            Applies::Undecided(what) => {
                item(out, "note", &note.statement);
                let _ = writeln!(out, "  - always shown: the files do not contain {what}");
            }
        }
    }
    step.checks.iter().for_each(|it| item(out, "check", it));
    for unknown in &step.unknowns {
        let answer = unknown.call.as_ref().map(|call| format!("; `{call}` answers")).unwrap_or_default();
        let _ = writeln!(out, "- unknown as of {}: [{}]({}){answer}", unknown.date, unknown.text, unknown.page);
    }
}

/// Adds a statement with its source and date.
fn item(out: &mut String, label: &str, statement: &Statement) {
    let source = match statement.source.starts_with("https://") {
        true => format!("[{}]({})", statement.date, statement.source),
        false => format!("{}, {}", statement.source, statement.date),
    };
    let _ = writeln!(out, "- {label}: {} ({source})", statement.text);
}
