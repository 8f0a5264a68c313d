//! What judges a platform once it is linked: the rules, as the passes know them.

use crate::diag::{Diagnostic, Severity};

use super::{Link, Model};

/// The rules of a platform.
pub(crate) trait Judge: Sync {
    /// Runs every rule.
    fn run(&self, model: &Model, link: &Link, out: &mut Vec<Diagnostic>);

    /// What the findings of a code are.
    fn findings_of(&self, code: &str) -> Findings;

    /// The rules that a company added, by code.
    fn added(&self) -> Vec<AddedRule<'_>>;
}

/// What the findings of a code are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Findings {
    /// Judgements on a platform that can be written: they may pass, and be told as something else than the rule says.
    Judgements,
    /// Judgements of the command, once the output is written: an exception for them is left to it.
    OfCommand,
    /// What makes the output invalid.
    Invalid,
    /// Nothing here finds them.
    Unknown,
}

/// A rule as `manifest.json` lists it.
pub(crate) struct AddedRule<'a> {
    /// Its code.
    pub code: &'a str,
    /// What it wants, in one line.
    pub summary: &'a str,
    /// Its manual, in Markdown.
    pub manual: &'a str,
    /// How bad its findings are, unless the platform says otherwise.
    pub severity: Severity,
}
