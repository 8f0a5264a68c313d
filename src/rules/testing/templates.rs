//! CloudFormation templates as JSON.

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::tree::At;
use crate::{Template, World, check_templates};

use super::manifests::data;

/// A template `run` of JSON.
#[track_caller]
pub fn template(text: &str) -> Template {
    let value: Value = serde_json::from_str(text).expect("the case is JSON");
    Template::new("run", data(&value), &|_| At::new("run.json", 1, 1)).expect("the case is a template")
}

/// What a template gives.
#[track_caller]
pub fn found(text: &str) -> Vec<Diagnostic> {
    check_templates(&[template(text)], World::Open)
}

/// The codes that a template gives, each with its field, or with its construct where it has none.
#[track_caller]
pub fn fields(text: &str) -> Vec<String> {
    found(text).into_iter().map(|it| format!("{} {}", it.code, it.field.unwrap_or(it.construct))).collect()
}

/// The helps that a template gives.
#[track_caller]
pub fn helps(text: &str) -> Vec<String> {
    found(text).into_iter().filter_map(|it| it.help).collect()
}
