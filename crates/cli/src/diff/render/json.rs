//! Renders the report as JSON: `docs/diff.schema.json`. `format_version` increases with each incompatible change.

use meshsynth::diag::Diagnostic;
use meshsynth_diff::gates::Gates;
use meshsynth_diff::{Affected, Diff, Section, Standing, fate};
use serde_json::{Value, json};

use super::{linked, summary, ways};

/// Renders the complete report, without limits.
pub fn render(diff: &Diff, gates: &Gates) -> Value {
    let hits: Vec<Value> =
        gates.hits.iter().map(|(gate, what)| json!({ "gate": gate.to_string(), "what": what })).collect();
    let renamed: Vec<Value> = diff.renamed.iter().map(|it| json!({ "from": it.from, "to": it.to })).collect();
    let removals: Vec<Value> = diff
        .removals
        .iter()
        .map(|row| json!({ "text": row.to_string(), "there": row.n_there, "names": row.names }))
        .collect();
    let broken: Vec<Value> = diff.broken_ways().into_iter().map(diagnostic).collect();
    let notes: Vec<&String> = diff.notes.iter().chain(&gates.untold).collect();
    let mut report = json!({
        "format_version": 1, "app": diff.app, "base": diff.base, "head": diff.head, "summary": summary(diff),
        "changed": !diff.is_empty(), "unread": diff.unread, "notes": notes, "denied": gates.denied, "allowed": gates.allowed,
        "hits": hits, "regions": diff.regions, "removals": removals, "renamed": renamed, "broken": broken,
    });
    sections(diff, &mut report);
    let conditional = diff.conditional.iter().map(|it| {
        let mut row = json!({ "if": it.condition });
        sections(&it.diff, &mut row);
        row
    });
    report["conditional"] = conditional.collect();
    report
}

/// Adds the changes, paths, access differences and hazards of a diff.
fn sections(diff: &Diff, report: &mut Value) {
    let changes: Vec<Value> = diff
        .changes
        .iter()
        .map(|change| {
            let place = match &change.section {
                Section::Stack(stack) => json!({ "stack": stack }),
                Section::Namespace(cluster, namespace) => json!({ "cluster": cluster, "namespace": namespace }),
                Section::Helm(cluster) => json!({ "cluster": cluster, "helm": true }),
                Section::Files => json!({ "files": true }),
            };
            let edits: Vec<Value> = change
                .edits
                .iter()
                .map(|edit| {
                    let mut row = json!({ "path": edit.path });
                    for (key, value) in [("before", &edit.before), ("after", &edit.after)] {
                        if let Some(value) = value {
                            row[key] = value.clone();
                        }
                    }
                    row
                })
                .collect();
            let reasons: Vec<String> = change.reasons.iter().map(linked).collect();
            let affects: Vec<String> = change.affected.iter().map(Affected::to_string).collect();
            let data = (!change.data.is_empty()).then(|| fate::words(&change.data));
            let mut row = json!({
                "place": place, "kind": change.kind, "name": change.name, "id": change.id, "source": change.source,
                "verdict": change.verdict.word(), "reasons": reasons, "data": data, "edits": edits,
                "affects": affects, "reach": change.impact,
            });
            if let Some(interruption) = change.interrupts {
                row["interrupts"] = interruption.to_string().into();
            }
            if !change.lacks.is_empty() {
                row["lacks"] = change.lacks.iter().map(ToString::to_string).collect();
            }
            row
        })
        .collect();
    let access: Vec<Value> = diff
        .access
        .iter()
        .map(|row| {
            json!({
                "widened": row.widened, "public": row.public, "fresh": row.fresh, "text": row.text, "at": row.at,
                "standing": standing(row.standing),
            })
        })
        .collect();
    let ways: Vec<Value> = diff.ways.iter().map(ways::json).collect();
    let hazards: Vec<Value> = diff.hazards.iter().map(|row| json!({ "text": row.text, "help": row.help })).collect();
    report["changes"] = changes.into();
    report["ways"] = ways.into();
    report["access"] = access.into();
    report["hazards"] = hazards.into();
}

fn standing(of: Standing) -> &'static str {
    match of {
        Standing::Alone => "alone",
        Standing::Way => "way",
        Standing::NoWay => "no-way",
    }
}

/// Renders a reachability rule that the change breaks.
fn diagnostic(of: &Diagnostic) -> Value {
    let place = of.place.as_ref().map(|it| format!("{}:{}:{}", it.file, it.line, it.column));
    json!({ "code": of.code, "text": of.message, "source": place })
}
