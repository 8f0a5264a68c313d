//! The report about adopted resources and objects, as Markdown and JSON.

use std::fmt::Write;

use meshsynth_adopt::Report;
use meshsynth_diff::Diff;
use serde_json::{Value, json};

use super::coverage::Coverage;
use super::proof::Proof;
use crate::shell::count;

/// Returns the text of `ADOPTED.md`.
pub fn markdown(name: &str, report: &Report, coverage: &Coverage<'_>, proof: &Proof, n_passed: usize) -> String {
    let mut text = format!("# How `{name}` was adopted\n\n");
    let (n_typed, n_constructs) = (report.n_typed(), report.n_constructs());
    let _ = writeln!(
        text,
        "{}: {n_typed} typed, of which {n_constructs} are constructs. Proof: {}.\n",
        coverage.summary(),
        proof.word()
    );
    if let Proof::NotAsked = proof {
        let _ = writeln!(
            text,
            "Because of `--no-proof`, it is not verified that a deployment changes nothing. Run `meshsynth synth`, \
             then\n`meshsynth diff --base SOURCE --head synth.out/{name}`.\n"
        );
    }
    if n_passed > 0 {
        let _ = writeln!(
            text,
            "`[[allow]]` in meshsynth.toml contains exceptions for {} of rules, until the specified day.\n",
            count(n_passed, "finding")
        );
    }
    if !coverage.is_whole() {
        let _ = writeln!(text, "## Not adopted\n");
        text.extend(coverage.missing.iter().map(|it| format!("- {}\n", it.line())));
        text.push('\n');
    }
    if !report.raw().is_empty() {
        let _ = writeln!(text, "## Raw\n\n| type | why | resources |\n|---|---|---|");
        for ((kind, why), names) in report.raw() {
            let _ = writeln!(text, "| `{kind}` | {why} | {} |", names.join(", "));
        }
        text.push('\n');
    }
    if !report.would_add().is_empty() {
        let _ = writeln!(
            text,
            "## What constructs would add\n\nEach construct is written as `bare`, which defines only the resource. \
             With `new`, the construct would add the\nfollowing; `meshsynth diff` shows the changes before a \
             deployment.\n\n| construct | `new` would add | resources |\n|---|---|---|"
        );
        for ((path, adds), names) in report.would_add() {
            let _ = writeln!(text, "| `{path}` | {adds} | {} |", names.join(", "));
        }
        text.push('\n');
    }
    if !report.notes.is_empty() {
        let _ = writeln!(text, "## Notes\n");
        text.extend(report.notes.iter().map(|note| format!("- {note}\n")));
        text.push('\n');
    }
    let _ = writeln!(text, "## Sources and results\n\n| from | type | name | became |\n|---|---|---|---|");
    for row in &report.rows {
        let _ = writeln!(text, "| {} | `{}` | `{}` | {} |", row.file, row.kind, row.name, became(&row.became));
    }
    text
}

fn became(became: &meshsynth_adopt::Became) -> String {
    match became {
        meshsynth_adopt::Became::Construct(path, _) => format!("`{path}`"),
        meshsynth_adopt::Became::Typed(path) => format!("`{path}`"),
        meshsynth_adopt::Became::Raw(_) => "raw".to_owned(),
    }
}

/// Returns the report as JSON.
pub fn json(name: &str, report: &Report, coverage: &Coverage<'_>, proof: &Proof, n_passed: usize) -> Value {
    let refusals = coverage.missing.iter().map(|it| {
        json!({
            "file": it.refusal.file, "line": it.refusal.line, "why": it.refusal.why, "resources": it.n_resources,
        })
    });
    let refused: Vec<Value> = refusals.collect();
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| {
            let (is_typed, adds) = match row.became {
                meshsynth_adopt::Became::Construct(_, adds) => (true, adds),
                meshsynth_adopt::Became::Typed(_) => (true, ""),
                meshsynth_adopt::Became::Raw(_) => (false, ""),
            };
            let is_construct = matches!(row.became, meshsynth_adopt::Became::Construct(..));
            json!({
                "file": row.file, "type": row.kind, "name": row.name, "typed": is_typed, "construct": is_construct,
                "became": became(&row.became).trim_matches('`'), "would_add": adds,
            })
        })
        .collect();
    json!({
        "app": name,
        "adopted": coverage.n_adopted,
        "total": coverage.n_total(),
        "proof": proof.word(),
        "changes": changes(proof),
        "passed": n_passed,
        "refused": refused,
        "resources": rows,
        "notes": report.notes,
    })
}

fn changes(proof: &Proof) -> Vec<String> {
    let name = |diff: &Diff| diff.changes.iter().map(|it| format!("{} {}", it.kind, it.name)).collect();
    match proof {
        Proof::Compared(diff) => name(diff),
        Proof::Mistakes(found) => found.iter().map(|it| format!("{}: {}", it.code, it.message)).collect(),
        Proof::NotAsked => Vec::new(),
    }
}
