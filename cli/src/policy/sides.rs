//! What policies find on both sides of a diff.

use std::path::Path;

use anyhow::Result;
use meshsynth::diag::{Diagnostic, Severity};
use meshsynth_diff::day::Day;
use meshsynth_diff::findings::Findings;

use super::Policies;
use crate::config::{Config, Target};

/// The findings of both sides, as far as their files are there.
pub struct Sides<'a> {
    policies: &'a Policies,
    config: &'a Config,
    target: Target<'a>,
    today: Day,
    base: Vec<Diagnostic>,
    head: Vec<Diagnostic>,
}

impl<'a> Sides<'a> {
    /// Nothing is judged yet.
    pub fn new(policies: &'a Policies, config: &'a Config, target: Target<'a>, today: Day) -> Self {
        Self { policies, config, target, today, base: Vec::new(), head: Vec::new() }
    }

    /// Judges the assembly of the old side.
    pub fn judge_base(&mut self, folder: &Path) -> Result<()> {
        self.base = self.judged(folder)?;
        Ok(())
    }

    /// Judges the assembly of the new side.
    pub fn judge_head(&mut self, folder: &Path) -> Result<()> {
        self.head = self.judged(folder)?;
        Ok(())
    }

    /// Both sides are held against the policies, the severities and the exceptions of today.
    fn judged(&self, folder: &Path) -> Result<Vec<Diagnostic>> {
        let environment = self.target.environment;
        let (counting, allowed) = self.policies.judge_assembly(folder, self.config, environment, self.today)?;
        let is_note = |it: &Diagnostic| it.severity == Severity::Note;
        Ok(counting.into_iter().chain(allowed).filter(|it| !is_note(it)).collect())
    }

    /// Adds them to what rules find, where that is recorded.
    pub fn add_to(self, findings: &mut Findings) {
        for (own, all) in [(self.base, &mut findings.base), (self.head, &mut findings.head)] {
            if let Some(all) = all {
                all.extend(own);
            }
        }
    }
}
