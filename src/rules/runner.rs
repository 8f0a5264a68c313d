//! Runs the built-in and custom rules for a linked platform.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diag::{Diagnostic, Severity};
use crate::policy::{self, Index, Platform, Report};
use crate::synth::{AddedRule, Findings, Judge, Link, Model, side_by_side};

use super::index::Mesh;
use super::{RULES, Rule, Run};

/// The rules that check a platform.
#[derive(Default)]
pub(crate) struct Rules {
    /// The custom rules.
    pub company: Vec<policy::Rule>,
}

impl Judge for Rules {
    /// Runs every rule. Builds the indexes once for all rules.
    fn run(&self, model: &Model, link: &Link, out: &mut Vec<Diagnostic>) {
        let (mesh, index) = (Mesh::of(model), Index::of(model));
        let platform = Platform::of(&index);
        let built_in: Vec<(&Rule, Run)> = RULES.iter().filter_map(|rule| Some((rule, rule.check?))).collect();
        let next = AtomicUsize::new(0);
        // Each of two threads runs the next rule when it is free, because the rules differ in their cost.
        let some = || {
            let mut found = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let mut told = Vec::new();
                match built_in.get(at) {
                    Some((_, Run::Model(check))) => check(model, link, &mut told),
                    Some((_, Run::Mesh(check))) => check(&mesh, &mut told),
                    Some((rule, Run::Platform(check))) => {
                        let mut report = Report::new(rule.code, Severity::Error);
                        check(&platform, &mut report);
                        told = report.into_found();
                    }
                    None => match self.company.get(at - built_in.len()) {
                        Some(rule) => told = judged(rule, &platform),
                        None => return found,
                    },
                }
                found.push((at, told));
            }
        };
        let (mut found, more) = side_by_side(some, some);
        found.extend(more);
        found.sort_unstable_by_key(|(at, _)| *at);
        out.extend(found.into_iter().flat_map(|(_, told)| told));
    }

    fn findings_of(&self, code: &str) -> Findings {
        match RULES.binary_search_by(|rule| rule.code.cmp(code)) {
            Ok(idx) if RULES[idx].is_judged_elsewhere() => Findings::OfCommand,
            Ok(idx) if RULES[idx].is_judgement() => Findings::Judgements,
            Ok(_) => Findings::Invalid,
            Err(_) if self.company.iter().any(|rule| rule.code() == code) => Findings::Judgements,
            Err(_) => Findings::Unknown,
        }
    }

    fn added(&self) -> Vec<AddedRule<'_>> {
        let row = |rule| {
            let (code, summary) = (policy::Rule::code(rule), policy::Rule::summary(rule));
            AddedRule { code, summary, manual: rule.manual_text(), severity: rule.default_severity() }
        };
        let mut rows: Vec<AddedRule<'_>> = self.company.iter().map(row).collect();
        rows.sort_by_key(|rule| rule.code);
        rows
    }
}

/// Only the custom rules, for their tests.
pub(crate) struct Company<'a>(pub &'a [policy::Rule]);

impl Judge for Company<'_> {
    fn run(&self, model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
        let index = Index::of(model);
        out.extend(self.0.iter().flat_map(|rule| judged(rule, &Platform::of(&index))));
    }

    fn findings_of(&self, code: &str) -> Findings {
        if self.0.iter().any(|rule| rule.code() == code) { Findings::Judgements } else { Findings::Unknown }
    }

    fn added(&self) -> Vec<AddedRule<'_>> {
        Vec::new()
    }
}

/// Returns the findings of a custom rule. A rule that panics is reported as one finding.
fn judged(rule: &policy::Rule, platform: &Platform<'_>) -> Vec<Diagnostic> {
    let mut report = Report::new(rule.code(), rule.default_severity());
    match policy::catch(|| rule.check(platform, &mut report)) {
        Ok(()) => report.into_found(),
        Err(panicked) => {
            let message = format!("the rule {} panicked: {}", rule.code(), panicked.message);
            let mut diagnostic = Diagnostic::error(rule.code(), message).at(rule.at());
            if let Some(place) = panicked.place {
                diagnostic = diagnostic.note_at("the rule is defined here", rule.at());
                diagnostic.place = Some(place);
            }
            vec![
                diagnostic
                    .help("the findings of this rule are incomplete: fix the rule, or turn it off until it is fixed"),
            ]
        }
    }
}
