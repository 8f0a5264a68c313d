//! What a deployment did to each object: created, changed, or left as it was.

use serde_json::Value;

use super::fields::record;
use super::{Object, Worker};

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Created,
    Changed,
    Unchanged,
}

impl Outcome {
    /// Compares an object before and after.
    fn of(before: Option<&Value>, after: &Value) -> Self {
        let Some(before) = before else { return Outcome::Created };
        let is_same = |key: &str| before["metadata"][key] == after["metadata"][key];
        // A controller may have written the status in between. What we recorded changes with what we write.
        let (old, new) = (record(before), record(after));
        let is_timed = |rows: &[&Value]| !rows.is_empty() && rows.iter().all(|row| row["time"].is_string());
        match is_same("uid") {
            false => Outcome::Created,
            true if is_same("resourceVersion") || (old == new && is_timed(&old)) => Outcome::Unchanged,
            true => Outcome::Changed,
        }
    }

    /// In a word.
    pub(super) fn text(self) -> &'static str {
        match self {
            Outcome::Created => "created",
            Outcome::Changed => "changed",
            Outcome::Unchanged => "unchanged",
        }
    }
}

impl<K> Worker<'_, K> {
    /// What became of an object that was applied now. One that is applied twice counts once.
    pub(super) fn outcome(&self, object: &Object, after: &Value) -> Outcome {
        let row = object.row();
        let outcome = Outcome::of(self.before.borrow().get(&row), after);
        self.before.borrow_mut().insert(row.clone(), after.clone());
        self.outcomes.borrow_mut().entry(row).and_modify(|it| *it = outcome.min(*it)).or_insert(outcome);
        outcome
    }

    /// Everything that was done, in words.
    pub(super) fn tally(&self, n_pruned: usize, n_held: usize) -> String {
        let outcomes = self.outcomes.borrow();
        let count = |outcome| outcomes.values().filter(|it| **it == outcome).count();
        let kinds = [Outcome::Created, Outcome::Changed, Outcome::Unchanged];
        let mut counts: Vec<String> = kinds
            .into_iter()
            .map(|outcome| (count(outcome), outcome.text()))
            .chain([(n_pruned, "pruned"), (n_held, "deleted and not gone yet")])
            .filter(|(count, _)| *count > 0)
            .map(|(count, text)| format!("{count} {text}"))
            .collect();
        if counts.is_empty() {
            counts.push("no objects".to_owned());
        }
        counts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(version: &str, time: &str) -> Value {
        let row = json!({ "manager": "meshsynth", "operation": "Apply", "time": time, "fieldsV1": {} });
        json!({ "metadata": { "uid": "1", "resourceVersion": version, "managedFields": [row] } })
    }

    #[test]
    fn a_status_that_a_controller_writes_in_between_is_no_change_of_ours() {
        let before = object("5", "2026-11-21T06:30:00Z");
        assert_eq!(Outcome::of(None, &before), Outcome::Created);
        assert_eq!(Outcome::of(Some(&before), &before), Outcome::Unchanged);
        assert_eq!(Outcome::of(Some(&before), &object("6", "2026-11-21T06:30:00Z")), Outcome::Unchanged);
        assert_eq!(Outcome::of(Some(&before), &object("6", "2026-11-21T06:31:00Z")), Outcome::Changed);
        let mut again = object("7", "2026-11-21T06:31:00Z");
        again["metadata"]["uid"] = json!("2");
        assert_eq!(Outcome::of(Some(&before), &again), Outcome::Created, "somebody deleted it in between");
    }
}
