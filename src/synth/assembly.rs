//! The result of synthesis: files as data, or all errors together.

use std::collections::BTreeMap;
use std::fmt;

use crate::diag::{self, Diagnostic};

/// A compiled platform: every file by its path, and the warnings.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembly {
    /// The name of the app.
    pub app: String,
    /// The files by their path below the output directory, with `/` as separator.
    pub files: BTreeMap<String, String>,
    /// The warnings.
    pub warnings: Vec<Diagnostic>,
    /// The findings that an exception allows.
    pub allowed: Vec<Diagnostic>,
}

/// A platform with errors, sorted by location.
#[derive(Clone, PartialEq)]
pub struct Failure {
    /// The name of the app.
    pub app: String,
    /// The errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The findings that an exception allows.
    pub allowed: Vec<Diagnostic>,
}

impl Assembly {
    pub(super) fn new(app: String, mut files: BTreeMap<String, String>, diagnostics: Vec<Diagnostic>) -> Self {
        let diagnostics = sorted(diagnostics);
        files.insert("diagnostics.json".to_owned(), diagnostics_file(&diagnostics));
        let (allowed, warnings) = split(diagnostics);
        Self { app, files, warnings, allowed }
    }
}

impl Failure {
    pub(super) fn new(app: String, diagnostics: Vec<Diagnostic>) -> Self {
        let (allowed, diagnostics) = split(sorted(diagnostics));
        Self { app, diagnostics, allowed }
    }

    /// Returns the `diagnostics.json` of a program with errors.
    pub fn to_file(&self) -> String {
        let all = self.diagnostics.iter().chain(&self.allowed).cloned().collect();
        diagnostics_file(&sorted(all))
    }
}

/// Separates allowed findings from other findings.
fn split(diagnostics: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    diagnostics.into_iter().partition(|it| it.allowed.is_some())
}

pub(super) fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_cached_key(Diagnostic::sort_key);
    diagnostics.dedup();
    diagnostics
}

fn diagnostics_file(diagnostics: &[Diagnostic]) -> String {
    let mut text = serde_json::to_string_pretty(&diag::to_json(diagnostics)).expect("a JSON value is always written");
    text.push('\n');
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&diag::render(&self.diagnostics))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\n{self}")
    }
}

impl std::error::Error for Failure {}
