//! The data of a diff for templates.
//!
//! Long lists are parts: `{any, n, rows, cut}`, with the number of omitted rows in `cut`.

use meshsynth_diff::gates::Gates;
use meshsynth_diff::ways::{Arrival, Way};
use meshsynth_diff::{Affected, Change, Diff, Edit, Standing, Verdict, fate};
use serde_json::{Value, json};

use super::fold::{Folded, Row};
use super::{clip, edit_line, linked, summary, text, ways};
use crate::graph;
use crate::graph::Format;

/// The limits of a report.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The number of stacks, namespaces and clusters.
    pub places: usize,
    pub rows: usize,
    pub edits: usize,
    /// The length of a value.
    pub width: usize,
    /// The length of a sentence.
    pub words: usize,
    /// The length of the Mermaid diagram.
    pub picture: usize,
}

impl Limits {
    /// No limits except for very long values, for a page.
    pub const NONE: Self = Self {
        places: usize::MAX,
        rows: usize::MAX,
        edits: usize::MAX,
        width: 2_000,
        words: usize::MAX,
        picture: usize::MAX,
    };
}

/// Returns the data of a diff for templates.
pub fn view(diff: &Diff, gates: &Gates, limits: Limits, (shared, places): &Folded<'_>) -> Value {
    let said = |text: &str| clip(text, limits.words);
    let of = |is_shown: &dyn Fn(&Change) -> bool, row: &dyn Fn(&Change) -> Value| -> Vec<Value> {
        diff.changes.iter().filter(|change| is_shown(change)).map(row).collect()
    };
    let risks = of(&|change| !change.data.is_empty(), &|change| {
        let data = fate::words(&change.data);
        json!({ "name": said(&diff.title(change)), "kind": change.kind, "verdict": change.verdict.word(), "data": said(&data) })
    });
    let reached = of(&|change| !change.impact.is_empty(), &|change| {
        let first: Vec<&str> = change.impact.iter().take(12).map(String::as_str).collect();
        let names = if first.is_empty() { String::new() } else { format!("`{}`", first.join("`, `")) };
        let more = change.impact.len() - first.len();
        json!({ "name": said(&change.name), "verdict": change.verdict.word(), "names": said(&names), "more": more })
    });
    let alone = || diff.access.iter().filter(|row| row.standing == Standing::Alone);
    let without: Vec<Value> = diff
        .access
        .iter()
        .filter(|row| row.standing == Standing::NoWay)
        .map(|row| json!({ "sign": if row.widened { "+" } else { "-" }, "text": said(&row.text), "at": said(&row.at) }))
        .collect();
    let ways = |opens: bool, fresh: bool| -> Vec<Value> {
        let is_it = |way: &&Way| way.opens == opens && way.fresh == fresh && way.with.is_none();
        let ways = diff.ways.iter().filter(is_it);
        ways.map(|way| ways::row(way, limits.words)).collect()
    };
    let arrivals: Vec<Value> =
        Arrival::all(&diff.ways).iter().map(|it| json!({ "text": said(&it.to_string()), "n": it.count() })).collect();
    let renamed: Vec<Value> = diff.renamed.iter().map(|it| said(&it.to_string()).into()).collect();
    let broken: Vec<Value> = diff
        .broken_ways()
        .into_iter()
        .map(|it| {
            let notes: Vec<String> = it.notes.iter().map(|note| said(&note.text)).collect();
            json!({ "code": it.code, "text": said(&it.message), "notes": notes })
        })
        .collect();
    let access = |widened: bool| -> Vec<Value> {
        let rows = alone().filter(|row| row.widened == widened && !row.fresh);
        rows.map(|row| json!({ "text": said(&row.text), "public": row.public, "at": said(&row.at) })).collect()
    };
    let fresh: Vec<Value> = alone().filter(|row| row.fresh).map(|row| json!({ "text": said(&row.text) })).collect();
    let hazards: Vec<Value> = diff
        .hazards_by_help()
        .into_iter()
        .map(|(help, texts)| {
            let shown: Vec<String> = texts.iter().take(limits.rows).map(|text| said(text)).collect();
            json!({ "more": texts.len() - shown.len(), "texts": shown, "help": said(help) })
        })
        .collect();
    let shared: Vec<Value> = shared.iter().map(|row| json!({ "text": said(&row.text), "n": row.n })).collect();
    let places_cut = places.len().saturating_sub(limits.places);
    let places: Vec<Value> = places
        .iter()
        .take(limits.places)
        .map(|place| {
            let changes: Vec<&Change> = place.rows.iter().flat_map(|row| row.changes.iter().copied()).collect();
            let grave = changes.iter().any(|change| change.verdict >= Verdict::KubernetesImmutable);
            let counted = counted(&changes);
            let shown: Vec<Value> = place.rows.iter().take(limits.rows).map(|it| row(it, limits)).collect();
            let cut = place.rows.len().saturating_sub(limits.rows);
            json!({ "title": place.titles.join("; "), "counts": counted, "open": grave, "rows": shown, "cut": cut })
        })
        .collect();
    let part = |list: Vec<Value>| {
        let (n, cut) = (list.len(), list.len().saturating_sub(limits.rows));
        json!({ "any": n > 0, "n": n, "rows": list.into_iter().take(limits.rows).collect::<Vec<_>>(), "cut": cut })
    };
    json!({
        "app": diff.app, "base": said(&diff.base), "head": said(&diff.head), "summary": summary(diff),
        "unread": part(diff.unread.iter().map(|text| said(text).into()).collect()),
        "notes": part(diff.notes.iter().chain(&gates.untold).map(|text| said(text).into()).collect()),
        "denied": gates.denied.iter().map(|text| said(text)).collect::<Vec<_>>(),
        "allowed": part(gates.allowed.iter().map(|text| said(text).into()).collect()),
        "is_empty": diff.is_empty(), "risks": part(risks), "widened": part(access(true)),
        "narrowed": part(access(false)), "opened": part(ways(true, false)), "closed": part(ways(false, false)),
        "arrivals": part(arrivals), "renamed": part(renamed), "new_ways": part(ways(true, true)), "gone_ways": part(ways(false, true)), "without": part(without), "broken": part(broken),
        "fresh": part(fresh), "hazards": part(hazards), "reached": part(reached), "shared": part(shared), "places": places, "places_cut": places_cut,
        "mermaid": mermaid(diff, limits.picture),
    })
}

/// Returns the Mermaid diagram, or null if it is longer than the limit.
fn mermaid(diff: &Diff, limit: usize) -> Value {
    if diff.picture.edges.is_empty() {
        return Value::Null;
    }
    let text = graph::draw(&diff.app, &diff.picture, Format::Mermaid, None);
    if text.len() <= limit { text.into() } else { Value::Null }
}

fn counted(changes: &[&Change]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for change in changes {
        *counts.entry(change.verdict).or_insert(0) += 1;
    }
    counts.iter().rev().map(|(verdict, n)| format!("{n} {}", verdict.word())).collect::<Vec<_>>().join(", ")
}

/// The maximum number of names of equal changes.
const NAMES: usize = 8;

fn row(folded: &Row<'_>, limits: Limits) -> Value {
    let change = folded.changes[0];
    let is_grave = change.verdict >= Verdict::KubernetesImmutable || change.verdict == Verdict::Delete;
    let word = change.verdict.word();
    let said = |text: &str| clip(text, limits.words);
    let edits = &folded.edits;
    let others: Vec<&str> = folded.changes.iter().skip(1).take(NAMES).map(|it| it.name.as_str()).collect();
    let more = match folded.changes.len().saturating_sub(NAMES + 1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = edits.iter().take(limits.edits);
    // The fence uses tildes, because a value may contain backticks but a path cannot contain a line of tildes.
    let lines: Vec<String> =
        shown.clone().map(|edit| clip(&edit_line(edit, limits.width).replace('\n', " "), limits.words)).collect();
    let side = |value: &Option<Value>| value.as_ref().map(|value| clip(&text(value), limits.width));
    let values: Vec<Value> = shown
        .map(|Edit { path, before, after, .. }| json!({ "path": path, "before": side(before), "after": side(after) }))
        .collect();
    let because: Vec<Value> =
        change.reasons.iter().map(|reason| json!({ "text": said(&reason.text), "link": reason.page })).collect();
    let reasons: Vec<String> = change.reasons.iter().map(|reason| said(&linked(reason))).collect();
    json!({
        "verdict": if is_grave { format!("**{word}**") } else { word.to_owned() }, "word": word,
        "class": word.replace([' ', ','], ""), "grave": is_grave, "sign": change.verdict.sign(), "kind": change.kind,
        "name": said(&change.name), "others": said(&(others.join(", ") + &more)), "id": change.id, "source": change.source,
        "show_source": is_grave && !change.source.is_empty(), "reasons": reasons, "because": because, "edits": lines,
        "values": values, "more": edits.len().saturating_sub(limits.edits),
        "affects": said(&change.affected.iter().map(Affected::to_string).collect::<Vec<_>>().join(", ")), "reach": said(&change.impact.join(", ")),
    })
}
