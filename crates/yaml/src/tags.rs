//! The short tags of CloudFormation, such as `!Ref`, and their functions.

/// Functions with the notation `!Name` for `Fn::Name`.
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

/// Returns the key of a tag, such as `Fn::Sub` for `!Sub`, or `None` if CloudFormation does not define it.
pub fn function(suffix: &str) -> Option<String> {
    match suffix {
        "Ref" | "Condition" => Some(suffix.to_owned()),
        "Transform" => Some("Fn::Transform".to_owned()),
        // A directive of `rain`, such as `!Rain::Embed`.
        name if name.starts_with("Rain::") => Some(name.to_owned()),
        name => FUNCTIONS.contains(&name).then(|| format!("Fn::{name}")),
    }
}
