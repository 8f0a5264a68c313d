//! Compares a live object with the result of applying it now: the changed fields and their managers.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::controllers::is_known;
use super::fields::{Entry, Fields, Step, Writer, entries, is_leaf, keys_of_list, ours, shown};

/// The metadata fields that the server writes.
const OF_SERVER: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// The kind of field change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The field was added and is not part of the manifest.
    Added,
    /// The field has another value.
    Changed,
    /// The field was removed.
    Removed,
}

/// A field that differs from its applied state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub path: Vec<Step>,
    pub change: Change,
    pub by: Vec<Writer>,
}

impl Row {
    pub fn shown(&self) -> String {
        shown(&self.path)
    }
}

/// Returns the fields that other managers changed or added. `fresh` is the object as it would be created now. Its
/// fields are defaults.
pub(super) fn rows(would: &Value, live: &Value, fresh: Option<&Value>) -> Vec<Row> {
    let (mine, planned) = (ours(live), ours(would));
    let others: Vec<Entry<'_>> = entries(live).into_iter().filter(|entry| !entry.is_ours()).collect();
    let kind = live["kind"].as_str().unwrap_or_default();
    let is_recorded = mine.is_some();
    let mut compare = Compare { kind, others: &others, is_recorded, path: Vec::new(), rows: Vec::new() };
    let root = Place {
        would: Some(would),
        live: Some(live),
        mine: mine.as_ref(),
        planned: planned.as_ref(),
        others: others.iter().enumerate().map(|(idx, entry)| (idx, entry.fields)).collect(),
    };
    compare.node(&root);
    let mut rows = compare.rows;
    if !is_recorded {
        let path = ["metadata", "managedFields"].map(|key| Step::Key(key.to_owned())).to_vec();
        let by = others.iter().map(|entry| entry.writer.clone()).max_by(|a, b| a.time.cmp(&b.time));
        rows.push(Row { path, change: Change::Removed, by: by.into_iter().collect() });
    }
    let at = |document: &Value, path: &[Step]| path.iter().try_fold(document, |value, step| step.of(value)).cloned();
    let is_default = |row: &Row| {
        row.change == Change::Added && fresh.is_some_and(|fresh| at(fresh, &row.path) == at(live, &row.path))
    };
    rows.retain(|row| !is_default(row));
    rows
}

/// A position in both documents, with the fields of each manager at this position.
struct Place<'a> {
    would: Option<&'a Value>,
    live: Option<&'a Value>,
    /// The fields that meshsynth applied.
    mine: Option<&'a Fields>,
    /// The fields that meshsynth would apply.
    planned: Option<&'a Fields>,
    others: Vec<(usize, &'a Fields)>,
}

impl<'a> Place<'a> {
    fn all(&self) -> impl Iterator<Item = &'a Fields> {
        let others: Vec<&'a Fields> = self.others.iter().map(|(_, fields)| *fields).collect();
        self.mine.into_iter().chain(self.planned).chain(others)
    }

    fn is_ours(&self) -> bool {
        self.mine.is_some() || self.planned.is_some()
    }

    fn step(&self, step: &Step) -> Place<'a> {
        // A leaf entry normally covers everything below it. If another manager owns fields below the same map or list,
        // the leaf entry covers only the map or list itself.
        let is_whole = self.all().all(is_leaf);
        let below = |fields: &'a Fields| if is_leaf(fields) { is_whole.then_some(fields) } else { step.among(fields) };
        Place {
            would: self.would.and_then(|value| step.of(value)),
            live: self.live.and_then(|value| step.of(value)),
            mine: self.mine.and_then(below),
            planned: self.planned.and_then(below),
            others: self.others.iter().filter_map(|(idx, fields)| Some((*idx, below(fields)?))).collect(),
        }
    }
}

struct Compare<'a> {
    kind: &'a str,
    others: &'a [Entry<'a>],
    /// Whether the applied fields are recorded.
    is_recorded: bool,
    path: Vec<Step>,
    rows: Vec<Row>,
}

impl Compare<'_> {
    fn node(&mut self, place: &Place<'_>) {
        match (place.would, place.live) {
            (None, None) => {}
            (Some(_), None) if place.planned.is_some() => self.row(place, Change::Removed),
            // The default depends on another field.
            (Some(_), None) => {}
            (None, Some(_)) if place.mine.is_some() || place.others.is_empty() => {}
            (None, Some(_)) => self.row(place, Change::Added),
            (Some(would), Some(live)) => self.both(place, would, live),
        }
    }

    fn both(&mut self, place: &Place<'_>, would: &Value, live: &Value) {
        match (would, live) {
            (Value::Object(a), Value::Object(b)) if !a.is_empty() || !b.is_empty() => self.keys(place, a, b),
            (Value::Array(a), Value::Array(b)) if !a.is_empty() || !b.is_empty() => self.items(place, a, b),
            _ if would == live && place.is_ours() => {}
            _ if would == live => self.row(place, Change::Added),
            // If meshsynth still manages the field, the value differs because the output is newer. A field without a
            // manager has a default value.
            _ if place.mine.is_some() || (place.others.is_empty() && self.is_recorded) => {}
            _ if place.planned.is_some() => self.row(place, Change::Changed),
            _ => {}
        }
    }

    fn keys(&mut self, place: &Place<'_>, would: &Map<String, Value>, live: &Map<String, Value>) {
        let keys: BTreeSet<&String> = would.keys().chain(live.keys()).collect();
        for key in keys {
            let is_skipped = match self.path.as_slice() {
                [] => ["apiVersion", "kind", "status"].contains(&key.as_str()),
                [Step::Key(parent)] if parent == "metadata" => {
                    OF_SERVER.contains(&key.as_str()) || ["name", "namespace"].contains(&key.as_str())
                }
                _ => false,
            };
            if !is_skipped {
                self.step(place, Step::Key(key.clone()));
            }
        }
    }

    fn items(&mut self, place: &Place<'_>, would: &[Value], live: &[Value]) {
        match keys_of_list(place.all()) {
            Some(keys) => {
                let mut seen = Vec::new();
                for item in live.iter().chain(would) {
                    let step = step_of(&keys, item);
                    if !seen.contains(&step) {
                        seen.push(step.clone());
                        self.item(place, step);
                    }
                }
            }
            None if would == live && place.is_ours() => {}
            None if would == live => self.row(place, Change::Added),
            None if place.mine.is_some() || (place.others.is_empty() && self.is_recorded) => {}
            None if would.len() == live.len() => {
                for idx in 0..live.len() {
                    self.step(place, Step::Index(idx));
                }
            }
            // Items that only one of the lists contains, at any position.
            None => {
                let alone = |these: &[Value], those: &[Value]| -> Vec<usize> {
                    these.iter().enumerate().filter(|(_, item)| !those.contains(item)).map(|(idx, _)| idx).collect()
                };
                let (added, removed) = (alone(live, would), alone(would, live));
                match (added.as_slice(), removed.as_slice()) {
                    (added @ [_, ..], []) => added.iter().for_each(|idx| self.at(place, *idx, Change::Added)),
                    ([], removed @ [_, ..]) => removed.iter().for_each(|idx| self.at(place, *idx, Change::Removed)),
                    _ => self.row(place, Change::Changed),
                }
            }
        }
    }

    /// Adds a row for an item of an atomic list.
    fn at(&mut self, place: &Place<'_>, idx: usize, change: Change) {
        self.path.push(Step::Index(idx));
        self.row(place, change);
        self.path.pop();
    }

    /// Reports an item as a whole if only other managers have it.
    fn item(&mut self, place: &Place<'_>, step: Step) {
        let item = place.step(&step);
        self.path.push(step);
        if item.live.is_some() && !item.is_ours() {
            self.row(&item, Change::Added);
        } else {
            self.node(&item);
        }
        self.path.pop();
    }

    fn step(&mut self, place: &Place<'_>, step: Step) {
        let next = place.step(&step);
        self.path.push(step);
        self.node(&next);
        self.path.pop();
    }

    /// Adds a row, unless only known controllers wrote the field.
    fn row(&mut self, place: &Place<'_>, change: Change) {
        let mut by: Vec<Writer> = Vec::new();
        for (idx, fields) in &place.others {
            let writer = &self.others[*idx].writer;
            let mut path = self.path.clone();
            if !is_explained(writer, self.kind, &mut path, fields) {
                by.push(writer.clone());
            }
        }
        if by.is_empty() && (change == Change::Added || !place.others.is_empty()) {
            return;
        }
        by.sort();
        self.rows.push(Row { path: self.path.clone(), change, by });
    }
}

/// Returns the step to an item of a list with keys.
fn step_of(keys: &BTreeSet<String>, item: &Value) -> Step {
    match item.as_object().filter(|_| !keys.is_empty()) {
        Some(map) => Step::Keys(keys.iter().filter_map(|key| Some((key.clone(), map.get(key)?.clone()))).collect()),
        None => Step::Item(item.clone()),
    }
}

/// Whether a known controller writes all fields of a manager at a path.
fn is_explained(writer: &Writer, kind: &str, path: &mut Vec<Step>, fields: &Fields) -> bool {
    if is_known(writer, kind, path) {
        return true;
    }
    let inner = fields.iter().filter(|(key, _)| *key != ".");
    let mut is_any = false;
    for (text, inner) in inner {
        is_any = true;
        let (Some(step), Some(inner)) = (Step::read(text), inner.as_object()) else { return false };
        path.push(step);
        let is_inner = is_explained(writer, kind, path, inner);
        path.pop();
        if !is_inner {
            return false;
        }
    }
    is_any
}
