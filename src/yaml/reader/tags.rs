//! The short tags of CloudFormation, such as `!Ref`: each stands for a function.

/// Functions that are written as `!Name` for `Fn::Name`.
const FUNCTIONS: [&str; 18] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
];

/// The key that a tag stands for: `Fn::Sub` for `!Sub`; none where it is not of CloudFormation.
pub fn function(suffix: &str) -> Option<String> {
    match suffix {
        "Ref" | "Condition" => Some(suffix.to_owned()),
        "Transform" => Some("Fn::Transform".to_owned()),
        // A directive of `rain`, such as `!Rain::Embed`.
        name if name.starts_with("Rain::") => Some(name.to_owned()),
        name => FUNCTIONS.contains(&name).then(|| format!("Fn::{name}")),
    }
}
