//! Excludes constructs that do not reproduce the existing resources.

use meshsynth_adopt::{Became, Estate, Exclusions, Report};
use meshsynth_diff::Diff;

/// Returns the resources that became constructs and appear in a diff. The next attempt writes them as typed resources.
pub fn differing(diff: &Diff, report: &Report, estate: &Estate) -> Exclusions {
    let mut exclusions = Exclusions::default();
    for row in report.rows.iter().filter(|row| matches!(row.became, Became::Construct(..))) {
        if diff.changes.iter().any(|it| it.kind == row.kind && it.id == row.name) {
            let of_file = estate.templates.iter().filter(|it| it.file == row.file);
            exclusions.resources.extend(of_file.map(|it| (it.stack.clone(), row.name.clone())));
        }
    }
    exclusions
}
