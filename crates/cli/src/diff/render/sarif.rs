//! Renders the report for code scanning: risks at the responsible lines of the program.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use meshsynth_diff::gates::{Gate, Gates};
use meshsynth_diff::{Diff, Standing, Verdict, fate};
use serde_json::{Value, json};

use super::linked;

/// The rule IDs with descriptions.
const RULES: [(&str, &str); 13] = [
    ("diff/data-loss", "Data is lost, or an empty store replaces one with data"),
    ("diff/replace", "A resource is or may be replaced"),
    ("diff/access", "A principal gains access"),
    ("diff/public", "The public gains access"),
    ("diff/reach", "A source gains a connection"),
    ("diff/reach-rule", "The change violates a reachability rule"),
    ("diff/interruption", "A running service or store is interrupted"),
    ("diff/mass-delete", "The change deletes more than the limit"),
    ("diff/regions-at-once", "The change affects more regions than the limit"),
    ("diff/unprotected", "A store has no backup, deletion protection or retention"),
    ("diff/newly-broken", "The change violates a rule that the base does not violate"),
    ("diff/unread", "A part could not be read, so its changes are unknown"),
    ("diff/hazard", "A deployment would fail or requires two steps"),
];

/// Renders all risks that a reviewer should check. A risk is an error if it hits a gate.
pub fn render(diffs: &[(Diff, Gates)]) -> Value {
    let mut results = Vec::new();
    for (diff, gates) in diffs.iter().flat_map(|(diff, gates)| {
        let conditional = diff.conditional.iter().map(move |it| (&it.diff, gates));
        [(diff, gates)].into_iter().chain(conditional)
    }) {
        let level = |gate: &Gate, name: &str| {
            let is_hit = gates.hits.iter().any(|(hit, at)| hit == gate && at == name);
            if is_hit { "error" } else { "warning" }
        };
        for change in &diff.changes {
            let reasons = || change.reasons.iter().map(linked).collect::<Vec<_>>().join("; ");
            let (rule, gate, text) = match (change.data.as_slice(), change.verdict) {
                ([], verdict) if verdict.is_replacement() => ("diff/replace", Gate::Replace, reasons()),
                ([], Verdict::DataLoss) => ("diff/data-loss", Gate::DataLoss, reasons()),
                ([], _) => continue,
                (data, _) => ("diff/data-loss", Gate::DataLoss, fate::words(data)),
            };
            let text = format!("{} `{}` ({}): {text}", change.kind, change.name, change.verdict.word());
            results.push(result(diff, rule, level(&gate, &change.name), &text, &change.source));
        }
        for way in diff.ways.iter().filter(|way| way.opens) {
            let is_hit = |(gate, name): &(Gate, String)| {
                let is_own = || way.ends().any(|(from, to)| *name == format!("{} -> {}", from.name, to.name));
                matches!(gate, Gate::Reach(_) | Gate::Public | Gate::Access) && is_own()
            };
            let level = if gates.hits.iter().any(is_hit) { "error" } else { "warning" };
            // An expected connection of a new endpoint is a finding only if it violates a gate.
            if way.with.is_some() && level == "warning" {
                continue;
            }
            let source = way.by.iter().find(|it| !it.source.is_empty()).map(|it| it.source.as_str());
            let rule = if way.public { "diff/public" } else { "diff/reach" };
            results.push(result(diff, rule, level, &way.to_string(), source.unwrap_or_default()));
        }
        for finding in diff.broken_ways() {
            let source = finding.place.as_ref().map(|it| format!("{}:{}:{}", it.file, it.line, it.column));
            let text = format!("{}: {}", finding.code, finding.message);
            results.push(result(diff, "diff/reach-rule", "error", &text, &source.unwrap_or_default()));
        }
        for row in diff.access.iter().filter(|row| row.widened && row.standing == Standing::Alone) {
            let (rule, gate) = if row.public { ("diff/public", Gate::Public) } else { ("diff/access", Gate::Access) };
            let source = diff.changes.iter().find(|change| change.name == row.at).map(|change| change.source.as_str());
            results.push(result(diff, rule, level(&gate, &row.at), &row.text, source.unwrap_or_default()));
        }
        for (gate, name) in &gates.hits {
            let rule = match gate {
                // Already reported above, with the effects on data and access.
                Gate::DataLoss | Gate::Replace | Gate::Access | Gate::Public | Gate::Reach(_) => continue,
                Gate::Interruption => "diff/interruption",
                Gate::MassDelete(_) => "diff/mass-delete",
                Gate::RegionsAtOnce(_) => "diff/regions-at-once",
                Gate::Unprotected => "diff/unprotected",
                Gate::Rule(_) => "diff/newly-broken",
            };
            let change = diff.changes.iter().find(|change| change.name == *name);
            let source = change.map(|change| change.source.as_str());
            results.push(result(
                diff,
                rule,
                "error",
                &format!("gate `{gate}` failed: `{name}`"),
                source.unwrap_or_default(),
            ));
        }
        for what in &diff.unread {
            results.push(result(diff, "diff/unread", "error", &format!("not compared: {what}"), ""));
        }
        for hazard in &diff.hazards {
            let text = format!("{}; {}", hazard.text, hazard.help);
            results.push(result(diff, "diff/hazard", "warning", &text, ""));
        }
    }
    let rules: Vec<Value> =
        RULES.iter().map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "meshsynth", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "results": results,
        }],
    })
}

fn result(diff: &Diff, rule: &str, level: &str, text: &str, source: &str) -> Value {
    let mut parts = source.rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse::<u32>().ok());
    let line = parts.next().and_then(|part| part.parse::<u32>().ok());
    let (uri, region) = match (parts.next(), line, column) {
        (Some(file), Some(line), Some(column)) => (file, json!({ "startLine": line, "startColumn": column })),
        // Code scanning requires a file. Without a source line, this is the file that lists the apps.
        _ => ("meshsynth.toml", json!({ "startLine": 1 })),
    };
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": format!("{}: {text}", diff.app) },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri }, "region": region } }],
    })
}
