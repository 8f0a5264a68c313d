//! Folds equal changes: a tag that many resources share, equal changes of one place, and twin places.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_diff::{Change, Diff, Edit, Section, Verdict};
use serde_json::Value;

use super::{edit_line, heading, shown_edits};

/// The minimum number of resources with the same changed tag or label for one common line.
const SHARED: usize = 4;

/// The minimum number of equal changes for one row.
const EQUAL: usize = 3;

/// The length of values in comparisons of rows.
const WIDTH: usize = 400;

/// A tag or label that changes equally in several resources.
pub struct Shared {
    pub text: String,
    pub n: usize,
}

/// Equal changes, and the edits to show.
pub struct Row<'a> {
    pub changes: Vec<&'a Change>,
    pub edits: Vec<&'a Edit>,
}

/// The rows of a place, or of places with the same changes.
pub struct Place<'a> {
    pub titles: Vec<String>,
    pub section: &'a Section,
    pub rows: Vec<Row<'a>>,
}

/// The shared tags, and the rows of all places in the order of the report.
pub type Folded<'a> = (Vec<Shared>, Vec<Place<'a>>);

/// Folds the changes of a diff.
pub fn fold(diff: &Diff) -> Folded<'_> {
    let shared = shared(diff);
    let mut places: Vec<Place<'_>> = Vec::new();
    for change in &diff.changes {
        let edits: Vec<&Edit> = shown_edits(change)
            .into_iter()
            .filter(|edit| key(edit).is_none_or(|key| !shared.contains_key(&key)))
            .collect();
        if edits.is_empty() && !change.edits.is_empty() && is_plain(change) {
            continue;
        }
        let row = Row { changes: vec![change], edits };
        match places.last_mut() {
            Some(place) if *place.section == change.section => place.rows.push(row),
            _ => {
                places.push(Place { titles: vec![heading(&change.section)], section: &change.section, rows: vec![row] })
            }
        }
    }
    for place in &mut places {
        place.rows = together(std::mem::take(&mut place.rows));
    }
    let line = |((label, before, after), n): ((String, Option<String>, Option<String>), usize)| {
        let value = |value: Option<String>| value.unwrap_or_else(|| "unset".to_owned());
        Shared { text: format!("{label}: {} → {}", value(before), value(after)), n }
    };
    (shared.into_iter().map(line).collect(), twins(places))
}

/// Whether a change has no effect except its edits.
fn is_plain(change: &Change) -> bool {
    change.verdict == Verdict::InPlace
        && change.reasons.is_empty()
        && change.data.is_empty()
        && change.affected.is_empty()
        && change.interrupts.is_none()
        && change.lacks.is_empty()
        && change.was.is_none()
}

type Key = (String, Option<String>, Option<String>);

fn shared(diff: &Diff) -> BTreeMap<Key, usize> {
    let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
    for change in &diff.changes {
        let keys: BTreeSet<Key> = change.edits.iter().filter_map(key).collect();
        keys.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    }
    counts.retain(|_, n| *n >= SHARED);
    counts
}

/// Returns the name and the values of a changed tag, label or annotation. Returns `None` for another edit.
fn key(edit: &Edit) -> Option<Key> {
    let path = edit.path.as_str();
    let kind = match () {
        () if path.contains("Tag") => "tag",
        () if edit.is_below(&["metadata", "labels"]) => "label",
        () if edit.is_below(&["metadata", "annotations"]) => "annotation",
        () => return None,
    };
    let name = match path.rsplit_once('[') {
        Some((_, rest)) if kind == "tag" => rest.split(']').next().unwrap_or_default(),
        _ => path
            .rsplit_once("metadata.labels.")
            .or_else(|| path.rsplit_once("metadata.annotations."))
            .map_or(path, |it| it.1),
    };
    // A new or removed tag is an item with its key and its value.
    let text = |value: &Option<Value>| {
        let value = value.as_ref()?;
        Some(value["Value"].as_str().or(value.as_str()).map_or_else(|| value.to_string(), str::to_owned))
    };
    Some((format!("{kind} `{name}`"), text(&edit.before), text(&edit.after)))
}

/// Merges equal changes of one place. Grave changes have separate rows.
fn together(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let signatures: Vec<String> = rows.iter().map(signature).collect();
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    signatures.iter().for_each(|own| *counts.entry(own).or_default() += 1);
    let mut found: Vec<Row<'_>> = Vec::new();
    let mut at: BTreeMap<&String, usize> = BTreeMap::new();
    for (row, own) in rows.into_iter().zip(&signatures) {
        let is_foldable = counts[own] >= EQUAL && is_light(row.changes[0]);
        match at.get(own).filter(|_| is_foldable) {
            Some(place) => found[*place].changes.extend(row.changes),
            None => {
                at.insert(own, found.len());
                found.push(row);
            }
        }
    }
    found
}

fn is_light(change: &Change) -> bool {
    let is_kept = matches!(
        change.verdict,
        Verdict::Create | Verdict::InPlace | Verdict::Upgrade | Verdict::RolloutRestart | Verdict::Prune
    );
    is_kept && change.data.is_empty() && change.affected.is_empty() && change.was.is_none()
}

/// Returns the content of a row without its name.
fn signature(row: &Row<'_>) -> String {
    let change = row.changes[0];
    let reasons: Vec<&str> = change.reasons.iter().map(|reason| reason.text.as_str()).collect();
    let edits: Vec<String> = row.edits.iter().map(|edit| edit_line(edit, WIDTH)).collect();
    let affected: Vec<String> = change.affected.iter().map(ToString::to_string).collect();
    format!(
        "{:?} {} {reasons:?} {edits:?} {affected:?} {:?} {:?}",
        change.verdict, change.kind, change.impact, change.data
    )
}

/// Merges places whose changes differ only in one part of the place, such as the region.
fn twins(places: Vec<Place<'_>>) -> Vec<Place<'_>> {
    let mut found: Vec<Place<'_>> = Vec::new();
    // Only places with as many changes of the same kinds are compared.
    let mut alike: BTreeMap<Vec<String>, Vec<(usize, String)>> = BTreeMap::new();
    for place in places {
        let kinds = place.rows.iter().map(outline).collect();
        let text = text_of(&place);
        let others = alike.entry(kinds).or_default();
        let is_twin = |(at, other): &&(usize, String)| {
            let part = other_part(found[*at].section, place.section);
            part.is_some_and(|(old, new)| replaced(other, old, new) == text)
        };
        match others.iter().take(MOST_TWINS).find(is_twin).map(|(at, _)| *at) {
            Some(at) => found[at].titles.extend(place.titles),
            None => {
                others.push((found.len(), text));
                found.push(place);
            }
        }
    }
    found
}

/// The maximum number of places that are compared with one place.
const MOST_TWINS: usize = 16;

fn outline(row: &Row<'_>) -> String {
    format!("{:?} {} {} {}", row.changes[0].verdict, row.changes[0].kind, row.changes.len(), row.edits.len())
}

/// Returns the content of a place with the names of its changes.
fn text_of(place: &Place<'_>) -> String {
    let name = |row: &Row<'_>| row.changes.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(" ");
    place.rows.iter().map(|row| format!("{} {}\n", name(row), signature(row))).collect()
}

/// Returns the only different part of two places.
fn other_part<'a>(a: &'a Section, b: &'a Section) -> Option<(&'a str, &'a str)> {
    let differing = |a: Vec<&'a str>, b: Vec<&'a str>| -> Option<(&'a str, &'a str)> {
        let pairs: Vec<_> = a.iter().copied().zip(b.iter().copied()).filter(|(a, b)| a != b).collect();
        (a.len() == b.len() && pairs.len() == 1).then(|| pairs[0])
    };
    match (a, b) {
        (Section::Stack(a), Section::Stack(b)) => {
            differing(a.split(['/', '-']).collect(), b.split(['/', '-']).collect())
        }
        (Section::Namespace(a, x), Section::Namespace(b, y)) => differing(vec![a, x], vec![b, y]),
        (Section::Helm(a), Section::Helm(b)) => Some((a, b)),
        _ => None,
    }
}

/// Replaces a word that is not a part of a longer one.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old).filter(|_| !old.is_empty()) {
        let before = rest[..at].chars().next_back().or(out.chars().next_back());
        let after = rest[at + old.len()..].chars().next();
        out.push_str(&rest[..at]);
        out.push_str(if before.is_some_and(is_letter) || after.is_some_and(is_letter) { old } else { new });
        rest = &rest[at + old.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn replaces_whole_words() {
        assert_eq!(replaced("tokyo/db tokyo2 x-tokyo", "tokyo", "osaka"), "osaka/db tokyo2 x-osaka");
    }
}
