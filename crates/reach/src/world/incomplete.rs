//! Templates that can contain further resources than the files list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::files::Files;

/// Macros of AWS that add no unlisted resource that opens a connection or a permission.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html>.
const HARMLESS: [&str; 4] =
    ["AWS::CodeDeployBlueGreen", "AWS::LanguageExtensions", "AWS::SecretsManager-", "AWS::Serverless-"];

/// Returns the incomplete templates by file, with the reasons.
pub(super) fn templates(files: &Files) -> BTreeMap<String, String> {
    let each = files.documents.iter().flat_map(|(name, all)| all.iter().map(move |(_, it)| (name, it)));
    each.filter_map(|(name, document)| Some((name.clone(), reason(document)?))).collect()
}

/// Returns the parameter names of each template.
pub(super) fn parameters(files: &Files) -> Vec<BTreeSet<String>> {
    let documents = files.documents.values().flatten().map(|(_, document)| document);
    let names = |it: &Value| it["Parameters"].as_object().map(|names| names.keys().cloned().collect());
    documents.filter(|it| it["Resources"].is_object()).filter_map(names).collect()
}

fn reason(document: &Value) -> Option<String> {
    let resources = document["Resources"].as_object()?;
    let is_generated = |key: &&String| key.starts_with("Fn::ForEach::") || *key == "Fn::Transform";
    if let Some(key) = resources.keys().find(is_generated) {
        return Some(format!("the resources of `{key}` are not evaluated"));
    }
    let all = match &document["Transform"] {
        Value::Array(all) => all.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    let names = all.iter().filter_map(|it| it.as_str().or_else(|| it["Name"].as_str()));
    let mut others = names.filter(|name| !HARMLESS.iter().any(|it| name.starts_with(it)));
    others.next().map(|name| format!("the macro `{name}` can add resources"))
}
