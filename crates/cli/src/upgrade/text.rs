//! Renders a report for a terminal.

use std::fmt::Write as _;

use meshsynth_upgrade::{Applies, Effect, Note, Step, Unknown};

use super::report::{Report, Row, Sources};
use crate::shell::count;

/// Renders a report.
pub fn text(report: &Report<'_>) -> String {
    let mut sources = Sources::default();
    let mut out = if report.has_requests { String::new() } else { table(report, &mut sources) };
    for (n, step) in report.steps() {
        steps(report, n, step, &mut sources, &mut out);
    }
    for refused in &report.plan.refused {
        let _ = writeln!(out, "refused: {} [{}]", refused.text, sources.of(refused));
    }
    for unknown in &report.plan.unknowns {
        line(&mut out, "", &unknown_text(unknown, &mut sources));
    }
    for unread in report.unread {
        let _ = writeln!(out, "not read: {unread}");
    }
    let n_absent = report.plan.n_absent();
    if n_absent > 0 && !report.all {
        let _ = writeln!(
            out,
            "{} not shown, because the platform has no part that they concern; `--all` shows them",
            count(n_absent, "release note")
        );
    }
    if !sources.all().is_empty() {
        out.push('\n');
    }
    for (at, (source, date)) in sources.all().iter().enumerate() {
        let _ = writeln!(out, "[{}] {date} {source}", at + 1);
    }
    out
}

/// Renders the table of components.
fn table(report: &Report<'_>, sources: &mut Sources) -> String {
    let rows = report.rows();
    let cells = |row: &Row<'_>, sources: &mut Sources| {
        let mark = row.support.source.map(|(source, date)| format!(" [{}]", sources.number(source, date)));
        let place = match row.remark() {
            Some(remark) => format!("{}: {remark}", row.component.source),
            None => row.component.source.clone(),
        };
        let until = row.until() + &mark.unwrap_or_default();
        [row.component.title(), row.version().to_owned(), until, row.next().to_owned(), place]
    };
    let mut lines = vec![["component", "in use", "supported until", "next", "where"].map(str::to_owned)];
    lines.extend(rows.iter().map(|row| cells(row, sources)));
    let mut widths = [0; 4];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for line in &lines {
        for (width, cell) in widths.iter().zip(line) {
            let _ = write!(out, "{cell}{}", " ".repeat(width + 2 - cell.chars().count()));
        }
        let _ = writeln!(out, "{}", line[4]);
    }
    out
}

fn steps(report: &Report<'_>, n: usize, step: &Step, sources: &mut Sources, out: &mut String) {
    let _ = writeln!(out, "{n}. {}", step.title);
    for reason in &step.reasons {
        line(out, "why", &format!("{} [{}]", reason.text, sources.of(reason)));
    }
    for edit in &step.edits {
        line(out, "edit", &format!("{}: {} {} → {}", edit.source, edit.property, edit.old, edit.new));
    }
    for action in &step.actions {
        line(out, "run", &format!("{} [{}]", action.text, sources.of(action)));
    }
    for effect in &step.effects {
        line(out, "effect", &effect_text(effect));
    }
    for hazard in &step.hazards {
        line(out, "hazard", &format!("{} [{}]", hazard.text, sources.of(hazard)));
    }
    for blocker in &step.blockers {
        line(out, "blocker", &format!("{} [{}]", blocker.text, sources.of(blocker)));
    }
    for note in step.notes.iter().filter(|note| report.is_shown(note)) {
        notes(note, sources, out);
    }
    for check in &step.checks {
        line(out, "check", &format!("{} [{}]", check.text, sources.of(check)));
    }
    for unknown in &step.unknowns {
        line(out, "", &unknown_text(unknown, sources));
    }
    out.push('\n');
}

fn notes(note: &Note, sources: &mut Sources, out: &mut String) {
    let kind = match (&note.applies, note.is_blocker) {
        (Applies::Here(_), true) => "blocker",
        _ => "note",
    };
    line(out, kind, &format!("{} [{}]", note.statement.text, sources.of(&note.statement)));
    match &note.applies {
        Applies::Here(found) => {
            for evidence in found {
                let _ = writeln!(out, "            {}: {} ({})", evidence.name, evidence.property, evidence.source);
            }
        }
        Applies::Absent(why) => {
            let _ = writeln!(out, "            does not concern the platform: {why}");
        }
        Applies::Undecided(what) => {
            let _ = writeln!(out, "            always shown: the files do not contain {what}");
        }
    }
}

/// Returns the text of an effect.
pub fn effect_text(effect: &Effect) -> String {
    let mut text = format!("{} {} {}", effect.verdict, effect.kind, effect.name);
    if let Some(interruption) = &effect.interruption {
        let _ = write!(text, "; {interruption}");
    }
    for (reason, _) in &effect.reasons {
        let _ = write!(text, "; {reason}");
    }
    text
}

/// Returns the text of an unknown fact.
fn unknown_text(unknown: &Unknown, sources: &mut Sources) -> String {
    let answer = unknown.call.as_ref().map(|call| format!("; `{call}` answers")).unwrap_or_default();
    let n = sources.number(&unknown.page, &unknown.date);
    format!("unknown as of {}: {}{answer} [{n}]", unknown.date, unknown.text)
}

fn line(out: &mut String, label: &str, text: &str) {
    let label = if label.is_empty() { String::new() } else { format!("{label}:") };
    let _ = writeln!(out, "   {label:<8} {text}");
}
