//! Descriptions of billed usage. The pages of AWS contain the prices, which change.

use meshsynth::facts;

/// Returns the billing unit of a type, `""` if it is free, or `None` if the facts do not contain it.
pub fn billed_by(type_name: &str) -> Option<&'static str> {
    // Custom resource types have any name.
    let type_name = if type_name.starts_with("Custom::") { "AWS::CloudFormation::CustomResource" } else { type_name };
    facts::resource(type_name).billed
}

/// Returns the billed resources that an object of this kind uses.
pub fn of_cluster(kind: &str) -> Option<&'static str> {
    facts::kind(kind).billed
}
