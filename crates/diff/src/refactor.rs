//! The mapping of a stack refactor, which keeps resources that a deployment would create again.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html>.

use serde_json::{Value, json};

use crate::diff::Diff;

/// Returns the file for `aws cloudformation create-stack-refactor --resource-mappings file://…`.
pub fn mapping<'a>(diffs: impl Iterator<Item = &'a Diff>) -> Value {
    let end = |(stack, id): &(String, String)| json!({ "StackName": stack, "LogicalResourceId": id });
    let moved = diffs.flat_map(|diff| &diff.changes).filter_map(|change| change.was.as_ref());
    moved.map(|was| json!({ "Source": end(&was.from), "Destination": end(&was.to) })).collect()
}
