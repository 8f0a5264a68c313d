//! The facts about the type of a template resource.

use crate::facts;

/// Whether resources of a type have an attribute, or `None` if this is unknown.
pub fn has_attribute(type_name: &str, name: &str) -> Option<bool> {
    match type_name {
        // A stack has an attribute for each of its outputs. The provider of a custom resource defines its attributes.
        "AWS::CloudFormation::Stack" => Some(name.starts_with("Outputs.")),
        "AWS::CloudFormation::CustomResource" | "AWS::CloudFormation::Macro" => None,
        _ => facts::cloudformation(type_name).map(|facts| facts.has_attribute(name)),
    }
}

/// Returns the attributes that AWS sets.
pub fn attributes(type_name: &str) -> Vec<String> {
    let facts = facts::cloudformation(type_name);
    facts.map(|facts| facts.read_only.iter().filter(|it| !it.contains('*')).cloned().collect()).unwrap_or_default()
}

/// Whether an attribute is a list.
pub fn is_list(type_name: &str, name: &str) -> bool {
    let kind = facts::cloudformation(type_name).and_then(|facts| facts.attribute_kind(name));
    kind.is_some_and(|kind| kind != facts::AttributeKind::Text)
}
