//! Counts and groups for a report.

use std::collections::BTreeSet;

use crate::change::Section;
use crate::diff::Diff;
use crate::effect::Verdict;

impl Diff {
    /// Returns the number of restarted workloads: those with a changed template, and those affected by other changes.
    pub fn n_restarts(&self) -> usize {
        let own = self.changes.iter().filter(|change| change.verdict == Verdict::RolloutRestart);
        let own = own.map(|change| match &change.section {
            Section::Namespace(_, namespace) if !namespace.is_empty() => {
                format!("{} {namespace}/{}", change.kind, change.name)
            }
            _ => format!("{} {}", change.kind, change.name),
        });
        let reached = self.changes.iter().flat_map(|change| &change.affected);
        let reached = reached.filter(|row| row.verdict == Verdict::RolloutRestart).map(|row| row.name.clone());
        own.chain(reached).collect::<BTreeSet<_>>().len()
    }

    /// Returns the hazards grouped by their help, in the order of the report.
    pub fn hazards_by_help(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for hazard in &self.hazards {
            match groups.iter_mut().find(|(help, _)| *help == hazard.help) {
                Some((_, texts)) => texts.push(&hazard.text),
                None => groups.push((&hazard.help, vec![&hazard.text])),
            }
        }
        groups
    }
}
