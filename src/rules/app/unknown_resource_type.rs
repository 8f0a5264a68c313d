//! A template uses an AWS resource type that this version of meshsynth does not recognize.
//!
//! # What it reports
//!
//! The type begins with `AWS::` but is not in the built-in resource schemas. The finding is a warning. The help text
//! suggests a similar name if there is one.
//!
//! # Why it matters
//!
//! The name may be misspelled, the type may be newer than this version, or AWS may have withdrawn it. The properties of
//! the resource are not checked.
//!
//! # Fix
//!
//! Fix the name if the help text suggests another one. Otherwise, look up the type in the reference, and update
//! meshsynth.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, helps};

    #[test]
    fn warns_about_an_unknown_resource_type() {
        let text = r#"{ "Resources": { "A": { "Type": "AWS::SNS::Topik" } } }"#;
        assert_eq!(fields(text), ["MS0125 Type"]);
        assert_eq!(helps(text), ["did you mean `AWS::SNS::Topic`?"]);
    }

    #[test]
    fn accepts_a_custom_resource_and_a_known_type() {
        let text = r#"{ "Resources": { "A": { "Type": "AWS::SNS::Topic" }, "B": { "Type": "Custom::Thing" } } }"#;
        assert_eq!(fields(text), [""; 0]);
    }
}
