//! Resources of AWS SAM: what a change does to what SAM makes of one, which keeps the name of the resource.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>, and the
//! pages of the resources that it makes.

use meshsynth_assembly::verdict::Verdict;

use crate::change::{Edit, Reason};
use crate::touch::touches;

/// Properties that can only be set at creation, by type; what is not here is changed in place.
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

/// The property of an API that names its stage, which is a resource of its own.
const STAGE: &str = "StageName";

/// What the type of a resource fixes; none where it is not one of SAM that is known.
pub fn fixed(type_name: &str) -> Option<&'static [&'static str]> {
    FIXED.iter().find(|(name, _)| *name == type_name).map(|(_, fixed)| *fixed)
}

/// What an edit does, at a path without indices.
pub fn of_edit(type_name: &str, fixed: &[&str], path: &str, edit: &Edit) -> (Verdict, Option<Reason>) {
    if fixed == [""] {
        return (
            Verdict::Replace,
            Some("a version of a layer does not change: a new one takes its place".to_owned().into()),
        );
    }
    if let Some(property) = fixed.iter().find(|property| touches(property, path, edit)) {
        return (Verdict::Replace, Some(format!("`{property}` can only be set at creation").into()));
    }
    let is_api = matches!(type_name, "AWS::Serverless::Api" | "AWS::Serverless::HttpApi");
    if is_api && path == STAGE {
        let reason = format!("`{STAGE}` names another stage: the old one goes, and its URL with it");
        return (Verdict::Interruption, Some(reason.into()));
    }
    (Verdict::InPlace, None)
}

/// What a new value at a path does, whatever the value is.
pub fn of_path(type_name: &str, path: &str) -> Verdict {
    let is_at = |fixed: &&str| {
        fixed.is_empty() || path.strip_prefix(*fixed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match fixed(type_name).into_iter().flatten().any(is_at) {
        true => Verdict::Replace,
        false => Verdict::InPlace,
    }
}
