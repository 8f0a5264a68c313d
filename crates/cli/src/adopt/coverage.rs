//! The adopted share of the sources.

use std::collections::BTreeSet;

use meshsynth_adopt::{Refusal, Report};

use super::read::AdoptionSources;
use crate::shell::count;

/// The adopted share of the sources.
pub struct Coverage<'a> {
    /// The number of adopted resources and objects.
    pub n_adopted: usize,
    /// The missing parts of the sources.
    pub missing: Vec<Missing<'a>>,
}

/// A part of the sources that the program does not contain.
pub struct Missing<'a> {
    /// The location and the reason.
    pub refusal: &'a Refusal,
    /// The number of its resources and objects, or `None` if the file cannot be read.
    pub n_resources: Option<usize>,
}

impl<'a> Coverage<'a> {
    /// Compares the report with the sources.
    pub fn of(report: &'a Report, sources: &'a AdoptionSources) -> Self {
        let mut counted: BTreeSet<&str> = BTreeSet::new();
        let refusals = sources.unread.iter().chain(&report.refusals);
        let missing = refusals.map(|refusal| {
            let n_resources = match (sources.n_resources.get(&refusal.file), refusal.line) {
                // A template can have several reasons.
                (Some(n), 0) => Some(if counted.insert(&refusal.file) { *n } else { 0 }),
                (None, 0) => None,
                (_, _) => Some(1),
            };
            Missing { refusal, n_resources }
        });
        let missing = missing.collect();
        Self { n_adopted: report.rows.len(), missing }
    }

    /// Returns the number of all resources and objects in readable files.
    pub fn n_total(&self) -> usize {
        self.n_adopted + self.missing.iter().filter_map(|it| it.n_resources).sum::<usize>()
    }

    /// Whether everything is adopted.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// Returns the summary, such as `12 of 63 resources and objects adopted`.
    pub fn summary(&self) -> String {
        let n_unread = self.missing.iter().filter(|it| it.n_resources.is_none()).count();
        let adopted = format!("{} of {} resources and objects adopted", self.n_adopted, self.n_total());
        match n_unread {
            0 => adopted,
            n => format!("{adopted}, and {} not read", count(n, "source")),
        }
    }
}

impl Missing<'_> {
    /// Returns the location, the reason and the number of resources in one line.
    pub fn line(&self) -> String {
        let line = location_and_reason(self.refusal);
        match self.n_resources {
            Some(n) if n > 1 => format!("{line} ({})", count(n, "resource")),
            _ => line,
        }
    }
}

/// Returns the location and the reason of a refusal.
fn location_and_reason(refusal: &Refusal) -> String {
    match refusal.line {
        0 => format!("{}: {}", refusal.file, refusal.why),
        line => format!("{}:{line}: {}", refusal.file, refusal.why),
    }
}
