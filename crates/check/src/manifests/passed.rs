//! Removes suppressed findings: by configuration, by a comment, or by a baseline.

use std::path::Path;

use anyhow::Result;
use meshsynth::Manifest;
use meshsynth::diag::{Diagnostic, Place, Severity};
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Allow, is_like};

use super::{Baseline, Exceptions};
use crate::settings::Check;

/// The suppressed findings.
#[derive(Debug, Default)]
pub struct Passed {
    /// A line for each exception and baseline that was used.
    pub told: Vec<String>,
}

impl Passed {
    /// Applies the severities and exceptions of `[check]`.
    pub fn by_configuration(&mut self, diagnostics: &mut Vec<Diagnostic>, rules: &Check, today: Day) {
        for diagnostic in diagnostics.iter_mut() {
            if let Some(Some(severity)) = rules.severity.get(diagnostic.code) {
                diagnostic.severity = *severity;
            }
        }
        diagnostics.retain(|it| rules.severity.get(it.code) != Some(&None));
        let allows: Vec<&Allow> = rules.allow.iter().chain(&rules.everywhere).collect();
        let mut unused = vec![0_usize; allows.len()];
        let mut ended = vec![false; allows.len()];
        diagnostics.retain(|diagnostic| {
            let file = diagnostic.place.as_ref().map_or("", |place| place.file.trim_start_matches("./"));
            let fits = |what: &str| is_like(what, &diagnostic.construct) || is_like(what, file);
            let found = allows.iter().position(|it| it.code == diagnostic.code && fits(&it.what));
            let Some(idx) = found else { return true };
            unused[idx] += 1;
            ended[idx] = allows[idx].has_ended(today);
            ended[idx]
        });
        for (idx, ((allow, n_passed), has_ended)) in allows.iter().zip(unused).zip(ended).enumerate() {
            if n_passed == 0 && idx >= rules.allow.len() {
                continue;
            }
            let what = format!("`{}` in `{}`", allow.code, allow.what);
            self.told.push(match (n_passed, has_ended) {
                (0, _) => format!("the exception for {what} matches no finding: remove it ({})", allow.place),
                (_, true) => format!("the exception for {what} expired on {} ({})", allow.until, allow.place),
                (n, false) => format!("{n} findings of {what} are suppressed until {}: {}", allow.until, allow.reason),
            });
        }
        diagnostics.sort_by_key(|it| it.severity);
    }

    /// Applies the comments in manifests.
    pub fn by_comments(&mut self, diagnostics: &mut Vec<Diagnostic>, exceptions: &mut Exceptions, today: Day) {
        let mut told = Vec::new();
        diagnostics.retain(|diagnostic| {
            let Some(exception) = exceptions.of(diagnostic, today) else { return true };
            let until = exception.until.map(|until| format!(" until {until}")).unwrap_or_default();
            told.push(format!(
                "`{}` is suppressed{until}: {} ({})",
                diagnostic.code, exception.reason, exception.place
            ));
            false
        });
        self.told.extend(told);
        let at = |place: &Place, message: String, help: &str| {
            let mut diagnostic = Manifest::exception_without_effect(message).help(help);
            diagnostic.place = Some(place.clone());
            diagnostic
        };
        for exception in exceptions.ended(today) {
            let until = exception.until.map(|until| until.to_string()).unwrap_or_default();
            let message = format!("the exception for `{}` expired on {until}", exception.codes.join("`, `"));
            diagnostics.push(at(&exception.place, message, "fix the suppressed findings, or set a later day"));
        }
        for exception in exceptions.unused() {
            let message = format!("the exception for `{}` matches no finding", exception.codes.join("`, `"));
            diagnostics.push(at(&exception.place, message, "remove the comment"));
        }
        for (place, why) in &exceptions.wrong {
            let message = "the comment is not a valid exception".to_owned();
            diagnostics.push(at(place, message, why).severity(Severity::Error));
        }
        diagnostics.sort_by_key(|it| it.severity);
    }

    /// Removes the findings in a baseline file; writes the file if it is missing.
    pub fn by_baseline(&mut self, diagnostics: &mut Vec<Diagnostic>, file: &Path) -> Result<()> {
        let shown = file.display();
        match Baseline::read(file)? {
            Some(mut baseline) => {
                let n_before = diagnostics.len();
                diagnostics.retain(|diagnostic| !baseline.accepts(diagnostic));
                let n_passed = n_before - diagnostics.len();
                self.told.push(format!("{n_passed} findings are in the baseline `{shown}`"));
                if baseline.n_left() > 0 {
                    self.told.push(format!(
                        "{} findings of `{shown}` are fixed: remove the file and run again to update it",
                        baseline.n_left()
                    ));
                }
            }
            None => {
                let is_told = |it: &&Diagnostic| it.severity != Severity::Note;
                Baseline::of(diagnostics.iter().filter(is_told)).write(file)?;
                let n_written = diagnostics.iter().filter(is_told).count();
                diagnostics.retain(|it| it.severity == Severity::Note);
                self.told.push(format!("wrote the baseline `{shown}` with {n_written} findings"));
            }
        }
        Ok(())
    }
}
