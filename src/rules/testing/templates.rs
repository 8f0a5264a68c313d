//! Test helpers for CloudFormation templates in JSON.

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::tree::At;
use crate::{Template, World, check_templates};

use super::manifests::data;

/// Parses a template named `run` from JSON.
#[track_caller]
pub fn template(text: &str) -> Template {
    let value: Value = serde_json::from_str(text).expect("the case is JSON");
    Template::new("run", data(&value), &|_| At::new("run.json", 1, 1)).expect("the case is a template")
}

/// Returns the findings for a template.
#[track_caller]
pub fn found(text: &str) -> Vec<Diagnostic> {
    check_templates(&[template(text)], World::Open)
}

/// Returns the codes of findings, each with its field, or with its construct if it has no field.
#[track_caller]
pub fn fields(text: &str) -> Vec<String> {
    found(text).into_iter().map(|it| format!("{} {}", it.code, it.field.unwrap_or(it.construct))).collect()
}

/// Returns the help texts of findings.
#[track_caller]
pub fn helps(text: &str) -> Vec<String> {
    found(text).into_iter().filter_map(|it| it.help).collect()
}
