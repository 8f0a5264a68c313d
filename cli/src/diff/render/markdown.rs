//! The report for a pull request: one comment, below the length that GitHub takes.

use anyhow::{Context, Result};
use handlebars::{Handlebars, no_escape};
use serde_json::{Value, json};

use super::{edit_line, heading, summary};
use crate::diff::{Change, Diff, Verdict};

/// GitHub takes 65,536 characters.
const LIMIT: usize = 65_000;
const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/diff.md.hbs"));

/// Renders the comments of several platforms as one, the longest parts cut until it fits.
pub fn render(diffs: &[(Diff, Vec<String>)]) -> Result<String> {
    let mut handlebars = Handlebars::new();
    handlebars.register_escape_fn(no_escape);
    handlebars.register_template_string("diff", TEMPLATE).context("the template `diff.md.hbs` is broken")?;
    let mut rows = 400;
    let mut edits = 12;
    loop {
        let mut text = String::new();
        for (diff, denied) in diffs {
            text +=
                &handlebars.render("diff", &view(diff, denied, rows, edits)).context("cannot render `diff.md.hbs`")?;
        }
        if text.chars().count() <= LIMIT {
            return Ok(text);
        }
        if rows <= 1 {
            let kept: String = text.chars().take(LIMIT - 100).collect();
            return Ok(format!("{kept}\n\n… cut: too long for a comment. `--format json` has all.\n"));
        }
        (rows, edits) = (rows / 2, (edits / 2).max(2));
    }
}

fn view(diff: &Diff, denied: &[String], rows: usize, n_edits: usize) -> Value {
    let risks: Vec<Value> = diff
        .changes
        .iter()
        .filter(|change| change.data.is_some())
        .map(|change| json!({ "name": change.name, "kind": change.kind, "verdict": change.verdict.word(), "data": change.data }))
        .collect();
    let access = |widened: bool| {
        let of = diff.access.iter().filter(|row| row.widened == widened);
        of.map(|row| json!({ "text": row.text, "public": row.public })).collect::<Vec<_>>()
    };
    let hazards: Vec<Value> = diff.hazards.iter().map(|row| json!({ "text": row.text, "help": row.help })).collect();
    let mut places: Vec<(String, Vec<&Change>)> = Vec::new();
    for change in &diff.changes {
        let title = heading(&change.place);
        match places.last_mut() {
            Some((last, changes)) if *last == title => changes.push(change),
            _ => places.push((title, vec![change])),
        }
    }
    let places: Vec<Value> = places
        .into_iter()
        .map(|(title, changes)| {
            let grave = changes.iter().any(|change| change.verdict >= Verdict::KubernetesImmutable);
            let counted = counted(&changes);
            let shown: Vec<Value> = changes.iter().take(rows).map(|change| row(change, n_edits)).collect();
            json!({ "title": title, "counts": counted, "open": grave, "rows": shown, "cut": changes.len().saturating_sub(rows) })
        })
        .collect();
    let part = |list: Vec<Value>| {
        let cut = list.len().saturating_sub(rows);
        json!({ "any": !list.is_empty(), "n": list.len(), "rows": list.into_iter().take(rows).collect::<Vec<_>>(), "cut": cut })
    };
    json!({
        "app": diff.app, "base": diff.base, "head": diff.head, "summary": summary(diff), "denied": denied,
        "is_empty": diff.is_empty(), "risks": part(risks), "widened": part(access(true)), "narrowed": part(access(false)),
        "hazards": part(hazards), "places": places,
    })
}

fn counted(changes: &[&Change]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for change in changes {
        *counts.entry(change.verdict).or_insert(0) += 1;
    }
    counts.iter().rev().map(|(verdict, n)| format!("{n} {}", verdict.word())).collect::<Vec<_>>().join(", ")
}

fn row(change: &Change, n_edits: usize) -> Value {
    let is_grave = change.verdict >= Verdict::KubernetesImmutable || change.verdict == Verdict::Delete;
    let word = change.verdict.word();
    // A fence of tildes: a value may hold backticks, a path may not hold a line of tildes.
    let lines: Vec<String> =
        change.edits.iter().take(n_edits).map(|edit| edit_line(edit, 90).replace('\n', " ")).collect();
    json!({
        "verdict": if is_grave { format!("**{word}**") } else { word.to_owned() },
        "sign": change.verdict.sign(), "kind": change.kind, "name": change.name, "source": change.source,
        "show_source": is_grave && !change.source.is_empty(), "reasons": change.reasons, "edits": lines,
        "more": change.edits.len().saturating_sub(n_edits), "affects": change.spread.join(", "),
    })
}
