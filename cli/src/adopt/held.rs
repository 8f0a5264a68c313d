//! What is held after a comparison: constructs that are not what exists.

use meshsynth_adopt::{Became, Estate, Held, Report};
use meshsynth_diff::Diff;

/// The resources that became constructs and that a diff names: they are typed resources the next time.
pub fn differing(diff: &Diff, report: &Report, estate: &Estate) -> Held {
    let mut held = Held::default();
    for row in report.rows.iter().filter(|row| matches!(row.became, Became::Construct(..))) {
        if diff.changes.iter().any(|it| it.kind == row.kind && it.id == row.name) {
            let of_file = estate.templates.iter().filter(|it| it.file == row.file);
            held.resources.extend(of_file.map(|it| (it.stack.clone(), row.name.clone())));
        }
    }
    held
}
