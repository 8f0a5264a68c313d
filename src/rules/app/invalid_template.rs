//! A CloudFormation template has a section, an attribute or a function that CloudFormation does not take.
//!
//! Such are a name beside `Type` and `Properties` that is meant as a property, a resource without a type, a value that is
//! null, an output without a value, and a logical id with other characters than letters and digits. CloudFormation
//! refuses the template.
//!
//! Fix the name that is reported, or move what it holds to where it belongs.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, helps};

    #[test]
    fn what_cloudformation_does_not_take_is_an_error() {
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
        assert_eq!(helps(property), ["it is a property: move it below `Properties`"]);
    }

    #[test]
    fn attributes_and_sections_that_are_there_are_fine() {
        let text = r#"{
            "AWSTemplateFormatVersion": "2010-09-09", "Description": "", "Metadata": {}, "Rules": {},
            "Resources": { "A": { "Type": "AWS::SNS::Topic", "Metadata": {}, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain" } },
            "Outputs": { "Topic": { "Value": { "Ref": "A" }, "Export": { "Name": "topic" } } }
        }"#;
        assert_eq!(fields(text), [""; 0]);
    }
}
