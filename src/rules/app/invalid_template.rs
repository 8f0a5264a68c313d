//! A CloudFormation template has a section, attribute or function that CloudFormation does not support.
//!
//! # What it reports
//!
//! The rule checks the structure of the template. Examples of errors:
//!
//! - an unknown section, or an unknown attribute next to `Type` and `Properties`, which is often a misplaced property
//! - a resource without a type, an output without a value, or a value that is null
//! - a logical ID that contains characters other than letters and digits
//! - a parameter without a type or with an unknown type
//! - an unknown intrinsic function, or an intrinsic function with an invalid argument
//!
//! If the template uses a macro, parts that the macro may change are not checked.
//!
//! # Why it matters
//!
//! CloudFormation rejects the template.
//!
//! # Fix
//!
//! Fix the name that the message reports, or move its content to the correct section.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, helps};

    #[test]
    fn reports_unsupported_sections_attributes_and_functions() {
        for (resource, found) in [
            (r#"{ "Type": "AWS::SNS::Topic", "TopicName": "a" }"#, "MS0124 TopicName"),
            (r#"{ "Type": "AWS::SNS::Topic", "DependOn": "a" }"#, "MS0124 DependOn"),
            (r#"{ "Type": "AWS::SNS::Topic", "DeletionPolicy": "Keep" }"#, "MS0124 DeletionPolicy"),
            (r#"{ "Type": "AWS::SNS::Topic", "Properties": { "TopicName": null } }"#, "MS0124 Properties.TopicName"),
            (r#"{ "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Fn::Jion": ["", []] } } }"#, "MS0124 Properties.TopicName.Fn::Jion"),
            (
                r#"{ "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Fn::Join": ["a"] } } }"#,
                "MS0124 Properties.TopicName.Fn::Join",
            ),
            (r#"{ "Properties": {} }"#, "MS0124 run/A"),
        ] {
            let beside = r#""B": { "Type": "AWS::SQS::Queue" }"#;
            assert_eq!(fields(&format!(r#"{{ "Resources": {{ "A": {resource}, {beside} }} }}"#)), [found], "{resource}");
        }
        let section = r#"{ "Resource": {}, "Resources": { "A": { "Type": "AWS::SNS::Topic" } } }"#;
        assert_eq!(helps(section), ["did you mean `Resources`?"]);
        let property = r#"{ "Resources": { "A": { "Type": "AWS::SNS::Topic", "TopicName": "a" } } }"#;
        assert_eq!(helps(property), ["move it below `Properties`, because it is a property"]);
    }

    #[test]
    fn accepts_supported_sections_and_attributes() {
        let text = r#"{
            "AWSTemplateFormatVersion": "2010-09-09", "Description": "", "Metadata": {}, "Rules": {},
            "Resources": { "A": { "Type": "AWS::SNS::Topic", "Metadata": {}, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain" } },
            "Outputs": { "Topic": { "Value": { "Ref": "A" }, "Export": { "Name": "topic" } } }
        }"#;
        assert_eq!(fields(text), [""; 0]);
    }
}
