//! Renders the report in five formats with the same order of sections.

mod fold;
pub mod html;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod terminal;
mod view;
mod ways;

use meshsynth_diff::gates::Gates;
use meshsynth_diff::ways::Way;
use meshsynth_diff::{Change, Diff, Edit, Reason, Section, Standing, Verdict};
use serde_json::Value;

use crate::shell::count;

/// Returns the first line of every format.
pub fn summary(diff: &Diff) -> String {
    let not_all = if diff.unread.is_empty() { "" } else { "NOT EVERYTHING WAS COMPARED" };
    if diff.is_quiet() {
        return match not_all {
            "" => "no changes".to_owned(),
            not_all => format!("{not_all}; no changes in the compared parts"),
        };
    }
    let counts: Vec<String> = diff.counts().iter().map(|(verdict, n)| format!("{n} {}", verdict.word())).collect();
    let mut parts = vec![format!("{}: {}", count(diff.changes.len(), "change"), counts.join(", "))];
    if diff.changes.is_empty() {
        parts.clear();
    }
    // A workload whose pod template changes is already counted as a change.
    let n_restarts = diff.n_restarts();
    let own = diff.changes.iter().filter(|change| change.verdict == Verdict::RolloutRestart).count();
    if n_restarts > own {
        parts.push(format!(
            "{} {}",
            count(n_restarts, "workload"),
            if n_restarts == 1 { "restarts" } else { "restart" }
        ));
    }
    let at_risk = diff.changes.iter().filter(|change| !change.data.is_empty()).count();
    let ways = |is_wanted: &dyn Fn(&Way) -> bool| -> usize {
        diff.ways.iter().filter(|way| !way.fresh && is_wanted(way)).map(|way| way.pairs.len()).sum()
    };
    let (opened, closed) = (ways(&|way| way.opens), ways(&|way| !way.opens));
    let to_all = ways(&|way| way.public);
    let rows = || diff.access.iter().filter(|row| row.standing == Standing::Alone);
    let widened = rows().filter(|access| access.widened && !access.fresh).count();
    let public = rows().filter(|access| access.public).count();
    if at_risk > 0 {
        parts.push(format!("data at risk in {}", count(at_risk, "change")));
    }
    if opened > 0 {
        let with = match ways(&|way| way.with.is_some()) {
            0 => String::new(),
            n if n == opened => {
                format!("{} new resources", if n == 1 { " to or from" } else { ", all of them to or from" })
            }
            n => format!(", {n} of them to or from new resources"),
        };
        parts.push(format!("{} opened{with}", count(opened, "connection")));
    }
    if to_all > 0 {
        parts.push(format!("{to_all} of them public"));
    }
    if closed > 0 {
        parts.push(format!("{} closed", count(closed, "connection")));
    }
    if widened > 0 {
        parts.push(format!("access widened in {}", count(widened, "place")));
    }
    if public > 0 {
        parts.push(format!("{public} of them public"));
    }
    if !diff.hazards.is_empty() {
        parts.push(count(diff.hazards.len(), "hazard"));
    }
    if !diff.conditional.is_empty() {
        if parts.is_empty() {
            parts.push("no changes with the defaults of parameters".to_owned());
        }
        let conditions: Vec<&str> = diff.conditional.iter().map(|it| it.condition.as_str()).collect();
        parts.push(format!("further changes if {}", conditions.join(", or if ")));
    }
    if !not_all.is_empty() {
        parts.insert(0, not_all.to_owned());
    }
    parts.join("; ")
}

/// Returns the diffs with their gates, each followed by its differences for other values of parameters.
fn with_conditional<'a>(diffs: &'a [(Diff, Gates)], none: &'a Gates) -> Vec<(&'a Diff, &'a Gates)> {
    let each = diffs.iter().flat_map(|(diff, gates)| {
        let conditional = diff.conditional.iter().map(move |it| (&it.diff, none));
        [(diff, gates)].into_iter().chain(conditional)
    });
    each.collect()
}

/// Returns the edits to show. Several new outputs are only counted.
pub fn shown_edits(change: &Change) -> Vec<&Edit> {
    let is_many = change.edits.iter().filter(|edit| edit.is_new_output()).count() > 1;
    change.edits.iter().filter(|edit| !(is_many && change.kind == "template" && edit.is_new_output())).collect()
}

/// Returns the heading of a section.
pub fn heading(place: &Section) -> String {
    match place {
        Section::Stack(stack) => format!("AWS: stack {stack}"),
        Section::Namespace(cluster, namespace) if namespace.is_empty() => format!("Kubernetes: {cluster}"),
        Section::Namespace(cluster, namespace) => format!("Kubernetes: {cluster}/{namespace}"),
        Section::Helm(cluster) => format!("Helm values: {cluster}"),
        Section::Files => "Other files".to_owned(),
    }
}

/// Formats an edit as one line.
pub fn edit_line(edit: &Edit, width: usize) -> String {
    let shown = |value: &Value| short(value, width);
    match (&edit.before, &edit.after) {
        (Some(before), Some(after)) => {
            let (before, after) = match (text(before), text(after)) {
                // The string `"1"` and the number `1` have the same text, so JSON is shown.
                (old, new) if old == new => (before.to_string(), after.to_string()),
                texts => texts,
            };
            // The common prefix of long values is omitted.
            let common = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
            let skip =
                if before.chars().count().max(after.chars().count()) > width { common.saturating_sub(12) } else { 0 };
            let cut = |text: &str| {
                let rest: String = text.chars().skip(skip).collect();
                let rest = clip(&rest, width);
                if skip > 0 { format!("…{rest}") } else { rest }
            };
            format!("{}: {} → {}", edit.path, cut(&before), cut(&after))
        }
        (None, Some(after)) => format!("{}: + {}", edit.path, shown(after)),
        (Some(before), None) => format!("{}: - {}", edit.path, shown(before)),
        (None, None) => edit.path.clone(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains(['\n', ' ']) => text.clone(),
        Value::Object(map) if map.len() == 1 && map.contains_key("Ref") => {
            format!("Ref {}", map["Ref"].as_str().unwrap_or_default())
        }
        other => joined(other).unwrap_or_else(|| other.to_string()),
    }
}

/// Returns the text of a function that joins values, such as an ARN, with references as `${Name.Attribute}`. Returns
/// `None` for another value.
fn joined(value: &Value) -> Option<String> {
    let (key, inner) = value.as_object().filter(|map| map.len() == 1)?.iter().next()?;
    let part = |value: &Value| -> Option<String> {
        let map = match value {
            Value::String(text) => return Some(text.clone()),
            Value::Number(number) => return Some(number.to_string()),
            value => value.as_object()?,
        };
        match map.iter().next()? {
            (key, Value::String(name)) if key == "Ref" || key == "Fn::GetAtt" => Some(format!("${{{name}}}")),
            (key, Value::Array(names)) if key == "Fn::GetAtt" => {
                let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
                Some(format!("${{{}}}", names?.join(".")))
            }
            (key, Value::String(name)) if key == "Fn::ImportValue" => Some(format!("${{import {name}}}")),
            _ => joined(value),
        }
    };
    match key.as_str() {
        "Fn::Join" => {
            let parts: Option<Vec<String>> = inner[1].as_array()?.iter().map(part).collect();
            Some(parts?.join(inner[0].as_str()?))
        }
        "Fn::Sub" => inner.as_str().or_else(|| inner[0].as_str().filter(|_| inner[1].is_null())).map(str::to_owned),
        _ => None,
    }
}

fn short(value: &Value, width: usize) -> String {
    clip(&text(value), width)
}

fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).collect::<String>() + "…"
}

/// Formats a reason for a terminal.
pub fn plain(reason: &Reason) -> String {
    match &reason.page {
        Some(page) => format!("{} <{page}>", reason.text),
        None => reason.text.clone(),
    }
}

/// Formats a reason with a Markdown link to its page.
pub fn linked(reason: &Reason) -> String {
    match &reason.page {
        Some(page) => format!("{} ([why]({page}))", reason.text),
        None => reason.text.clone(),
    }
}
