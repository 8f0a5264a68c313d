//! Renders a report as JSON, as `docs/upgrade.schema.json` describes.

use meshsynth_upgrade::{Applies, Note, Statement, Step, Unknown};
use serde_json::{Value, json};

use super::report::{Report, Row};

/// Renders a report.
pub fn json(report: &Report<'_>) -> Value {
    json!({
        "format_version": 1,
        "platform": report.platform,
        "today": report.today.to_string(),
        "components": report.rows().iter().map(row).collect::<Vec<_>>(),
        "steps": report.steps().map(|(n, it)| step(report, n, it)).collect::<Vec<_>>(),
        "refused": statements(&report.plan.refused),
        "unknowns": unknowns(&report.plan.unknowns),
        "absent_notes": report.plan.n_absent(),
        "unread": report.unread,
    })
}

fn row(row: &Row<'_>) -> Value {
    let (component, support) = (row.component, &row.support);
    json!({
        "product": component.product.id,
        "name": component.name,
        "count": component.count,
        "version": component.version.known(),
        "cluster": component.cluster,
        "until": support.until,
        "extended_until": support.extended,
        "support": row.until(),
        "next": support.next,
        "remark": row.remark(),
        "at": component.source,
        "source": support.source.map(|(source, _)| source),
        "date": support.source.map(|(_, date)| date),
    })
}

fn step(report: &Report<'_>, n: usize, step: &Step) -> Value {
    let edit = |it: &meshsynth_upgrade::Edit| json!({ "at": it.source, "property": it.property, "old": it.old, "new": it.new });
    let effect = |it: &meshsynth_upgrade::Effect| {
        let reasons = it.reasons.iter().map(|(text, page)| json!({ "text": text, "source": page }));
        json!({
            "verdict": it.verdict, "kind": it.kind, "name": it.name, "interruption": it.interruption,
            "reasons": reasons.collect::<Vec<_>>(),
        })
    };
    json!({
        "step": n,
        "title": step.title,
        "product": step.product,
        "component": step.component,
        "from": step.from,
        "to": step.to,
        "reasons": statements(&step.reasons),
        "edits": step.edits.iter().map(edit).collect::<Vec<_>>(),
        "actions": statements(&step.actions),
        "effects": step.effects.iter().map(effect).collect::<Vec<_>>(),
        "hazards": statements(&step.hazards),
        "blockers": statements(&step.blockers),
        "notes": step.notes.iter().filter(|it| report.is_shown(it)).map(note).collect::<Vec<_>>(),
        "checks": statements(&step.checks),
        "unknowns": unknowns(&step.unknowns),
    })
}

fn note(note: &Note) -> Value {
    let (applies, why, evidence) = match &note.applies {
        Applies::Here(found) => ("here", None, found.as_slice()),
        Applies::Absent(why) => ("absent", Some(why), [].as_slice()),
        Applies::Undecided(what) => ("undecided", Some(what), [].as_slice()),
    };
    let evidence = evidence.iter().map(|it| json!({ "name": it.name, "property": it.property, "at": it.source }));
    json!({
        "text": note.statement.text,
        "source": note.statement.source,
        "date": note.statement.date,
        "blocker": note.is_blocker,
        "applies": applies,
        "why": why,
        "evidence": evidence.collect::<Vec<_>>(),
    })
}

fn statements(all: &[Statement]) -> Vec<Value> {
    all.iter().map(|it| json!({ "text": it.text, "source": it.source, "date": it.date })).collect()
}

fn unknowns(all: &[Unknown]) -> Vec<Value> {
    all.iter().map(|it| json!({ "text": it.text, "date": it.date, "call": it.call, "source": it.page })).collect()
}
