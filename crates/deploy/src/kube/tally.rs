//! Counts the effects of a deployment on objects: created, changed, unchanged.

use serde_json::Value;

use super::outcome::Outcome;
use super::{Object, Worker};

impl<K> Worker<'_, K> {
    /// Records the outcome of an applied object. An object that is applied twice counts once.
    pub(super) fn outcome(&self, object: &Object, after: &Value) -> Outcome {
        let row = object.row();
        let outcome = Outcome::of(self.before.borrow().get(&row), after);
        self.before.borrow_mut().insert(row.clone(), after.clone());
        self.outcomes.borrow_mut().entry(row).and_modify(|it| *it = outcome.min(*it)).or_insert(outcome);
        outcome
    }

    /// Summarizes all outcomes.
    pub(super) fn tally(&self, n_pruned: usize, n_held: usize) -> String {
        let outcomes = self.outcomes.borrow();
        let count = |outcome| outcomes.values().filter(|it| **it == outcome).count();
        let kinds = [Outcome::Created, Outcome::Changed, Outcome::Unchanged];
        let mut counts: Vec<String> = kinds
            .into_iter()
            .map(|outcome| (count(outcome), outcome.text()))
            .chain([(n_pruned, "pruned"), (n_held, "still being deleted")])
            .filter(|(count, _)| *count > 0)
            .map(|(count, text)| format!("{count} {text}"))
            .collect();
        if counts.is_empty() {
            counts.push("no objects".to_owned());
        }
        counts.join(", ")
    }
}
