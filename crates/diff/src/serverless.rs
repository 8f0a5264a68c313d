//! Effects of changes to AWS SAM resources on the resources that SAM generates.
//!
//! Source:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>,
//! and the pages of the generated resources.

use crate::change::{Edit, Reason};
use crate::effect::Verdict;
use crate::touch::touches;

/// The create-only properties of each type. All other properties are updated in place.
const FIXED: [(&str, &[&str]); 9] = [
    ("AWS::Serverless::Api", &[]),
    ("AWS::Serverless::Application", &[]),
    ("AWS::Serverless::Connector", &[]),
    ("AWS::Serverless::Function", &["FunctionName", "PackageType", "TenancyConfig"]),
    ("AWS::Serverless::GraphQLApi", &[]),
    ("AWS::Serverless::HttpApi", &[]),
    ("AWS::Serverless::LayerVersion", &[""]),
    ("AWS::Serverless::SimpleTable", &["PrimaryKey", "TableName"]),
    ("AWS::Serverless::StateMachine", &["Name", "Type"]),
];

/// The property of an API that names its stage, which is a separate resource.
const STAGE: &str = "StageName";

/// Returns the create-only properties of a type, or `None` if it is not a supported SAM type.
pub fn fixed(type_name: &str) -> Option<&'static [&'static str]> {
    FIXED.iter().find(|(name, _)| *name == type_name).map(|(_, fixed)| *fixed)
}

/// Returns the effect of an edit at a path without indices.
pub fn of_edit(type_name: &str, fixed: &[&str], path: &str, edit: &Edit) -> (Verdict, Option<Reason>) {
    if fixed == [""] {
        return (Verdict::Replace, Some("a layer version cannot change: a new version replaces it".to_owned().into()));
    }
    if let Some(property) = fixed.iter().find(|property| touches(property, path, edit)) {
        return (Verdict::Replace, Some(format!("`{property}` can only be set at creation").into()));
    }
    let is_api = matches!(type_name, "AWS::Serverless::Api" | "AWS::Serverless::HttpApi");
    if is_api && path == STAGE {
        let reason = format!("`{STAGE}` changes: the old stage and its URL are deleted");
        return (Verdict::Interruption, Some(reason.into()));
    }
    (Verdict::InPlace, None)
}

/// Returns the effect of any new value at a path.
pub fn of_path(type_name: &str, path: &str) -> Verdict {
    let is_at = |fixed: &&str| {
        fixed.is_empty() || path.strip_prefix(*fixed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match fixed(type_name).into_iter().flatten().any(is_at) {
        true => Verdict::Replace,
        false => Verdict::InPlace,
    }
}
