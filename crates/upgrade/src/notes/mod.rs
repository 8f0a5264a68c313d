//! Release notes, and whether they concern the platform.

mod eks;
mod istio;
mod objects;
mod removed;

use meshsynth_diff::side::Side;

use crate::statement::Note;
use crate::step::Step;

/// Returns the notes of a step. `side` is the platform after its edits.
pub fn of(side: &Side, step: &Step) -> Vec<Note> {
    match step.product {
        "amazon-eks" => {
            let mut notes = removed::notes(side, step);
            notes.extend(eks::notes(side, step));
            notes
        }
        "istio" => istio::notes(side, step),
        _ => Vec::new(),
    }
}
