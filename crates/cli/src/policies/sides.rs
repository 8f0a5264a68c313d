//! The findings of policies on both sides of a diff.

use std::path::Path;

use anyhow::Result;
use meshsynth::diag::{Diagnostic, Severity};
use meshsynth_assembly::ReachRule;
use meshsynth_check::policy::Policies;
use meshsynth_diff::day::Day;
use meshsynth_diff::findings::Findings;

use crate::config::{Config, Target};
use crate::reach::findings;

/// The findings of both sides. A side is empty if its files do not exist.
pub struct Sides<'a> {
    policies: &'a Policies,
    config: &'a Config,
    target: Target<'a>,
    today: Day,
    /// The reachability rules of the new side, which apply to both sides.
    reach: Vec<ReachRule>,
    base: Vec<Diagnostic>,
    head: Vec<Diagnostic>,
}

impl<'a> Sides<'a> {
    /// Creates the sides without findings.
    pub fn new(policies: &'a Policies, config: &'a Config, target: Target<'a>, today: Day) -> Self {
        Self { policies, config, target, today, reach: Vec::new(), base: Vec::new(), head: Vec::new() }
    }

    /// Evaluates the assembly of the old side.
    pub fn judge_base(&mut self, folder: &Path) -> Result<()> {
        self.base = self.judged(folder)?;
        Ok(())
    }

    /// Evaluates the assembly of the new side.
    pub fn judge_head(&mut self, folder: &Path) -> Result<()> {
        let of_config = self.config.reach.iter().filter(|it| it.is_about(&self.target.app.name, &self.target.name()));
        let manifest = meshsynth_assembly::read_manifest(folder)?;
        self.reach = manifest.reach.into_iter().chain(of_config.map(|it| it.rule.clone())).collect();
        self.head = self.judged(folder)?;
        Ok(())
    }

    /// Returns the findings with the current severities and exceptions.
    fn judged(&self, folder: &Path) -> Result<Vec<Diagnostic>> {
        let environment = self.target.environment;
        let (counting, allowed) = super::judge_assembly(self.policies, folder, self.config, environment, self.today)?;
        let (broken, passed) =
            super::judged(findings::check(folder, &self.reach)?, folder, self.config, environment, self.today)?;
        let (counting, allowed) = (counting.into_iter().chain(broken), allowed.into_iter().chain(passed));
        let is_note = |it: &Diagnostic| it.severity == Severity::Note;
        Ok(counting.chain(allowed).filter(|it| !is_note(it)).collect())
    }

    /// Adds them to recorded findings of rules.
    pub fn add_to(self, findings: &mut Findings) {
        for (own, all) in [(self.base, &mut findings.base), (self.head, &mut findings.head)] {
            if let Some(all) = all {
                all.extend(own);
            }
        }
    }
}
