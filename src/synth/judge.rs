//! The interface with which the passes call the rules. Rules check a linked platform.

use crate::diag::{Diagnostic, Severity};

use super::{Link, Model};

/// The rules of a platform.
pub(crate) trait Judge: Sync {
    /// Runs every rule.
    fn run(&self, model: &Model, link: &Link, out: &mut Vec<Diagnostic>);

    /// Returns the category of the findings with a code.
    fn findings_of(&self, code: &str) -> Findings;

    /// Returns the rules that a company added, by code.
    fn added(&self) -> Vec<AddedRule<'_>>;
}

/// The category of the findings with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Findings {
    /// Judgments about a valid platform. Exceptions may allow them, and their severity can be changed.
    Judgements,
    /// Judgments that the command-line tool makes after synthesis. The tool also applies their exceptions.
    OfCommand,
    /// Errors that make the output invalid.
    Invalid,
    /// An unknown code.
    Unknown,
}

/// A rule in `manifest.json`.
pub(crate) struct AddedRule<'a> {
    /// Its code.
    pub code: &'a str,
    /// Its one-line requirement.
    pub summary: &'a str,
    /// Its manual, in Markdown.
    pub manual: &'a str,
    /// The default severity of its findings.
    pub severity: Severity,
}
