//! The results of a comparison, case by case.

use std::collections::BTreeMap;
use std::fmt;

/// All cases of a corpus.
#[derive(Default)]
pub struct Report(pub BTreeMap<String, Case>);

/// A case.
#[derive(Default)]
pub struct Case {
    /// The number of compared results.
    pub compared: usize,
    /// Different results.
    pub wrong: Vec<String>,
    /// The reasons for unknown results.
    pub unknown: Vec<String>,
    /// Different results for a known reason.
    pub explained: Vec<String>,
    /// The reason why the case is skipped.
    pub skipped: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut right, mut wrong, mut skipped) = (0, 0, 0);
        let (mut compared, mut differ, mut unknown, mut explained) = (0, 0, 0, 0);
        for (name, case) in &self.0 {
            compared += case.compared;
            differ += case.wrong.len();
            unknown += case.unknown.len();
            explained += case.explained.len();
            if let Some(why) = &case.skipped {
                skipped += 1;
                writeln!(f, "skipped {name}: {why}")?;
            } else if case.wrong.is_empty() {
                right += 1;
            } else {
                wrong += 1;
                writeln!(f, "WRONG {name}: {} of {}", case.wrong.len(), case.compared)?;
                case.wrong.iter().take(4).try_for_each(|it| writeln!(f, "    {it}"))?;
            }
            case.explained.iter().take(1).try_for_each(|it| writeln!(f, "  explained in {name}: {it}"))?;
            case.unknown.iter().take(2).try_for_each(|it| writeln!(f, "  unknown in {name}: {it}"))?;
        }
        writeln!(f, "{right} cases right, {wrong} wrong, {skipped} skipped")?;
        writeln!(f, "{compared} answers, {differ} wrong, {unknown} unknown, {explained} explained")
    }
}
