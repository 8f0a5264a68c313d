//! A CloudFormation template refers to something that it does not define.
//!
//! `Ref`, `Fn::Sub` and `Fn::GetAtt` name parameters and resources of the same template, `DependsOn` a resource,
//! `Condition` and `Fn::If` a condition, and `Fn::FindInMap` a mapping and its keys. CloudFormation refuses the template
//! before anything is created.
//!
//! Fix the name, or define what is meant. Text such as `${HOME}` in `Fn::Sub` that is not a variable is written `${!HOME}`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, helps};

    const RESOURCES: &str = r#"{
        "Parameters": { "Name": { "Type": "String" } },
        "Conditions": { "IsNamed": { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "Name" }, ""] }] } },
        "Mappings": { "Sizes": { "prod": { "days": 14 } } },
        "Resources": {
            "Key": { "Type": "AWS::KMS::Key", "Condition": "IsNamed", "DeletionPolicy": "Retain", "Properties": { "KeyPolicy": {} } },
            "Jobs": { "Type": "AWS::SQS::Queue", "DependsOn": "Key", "Properties": {
                "QueueName": { "Fn::Sub": "jobs-${Name}-${AWS::Region}-${!HOME}" },
                "KmsMasterKeyId": { "Fn::GetAtt": ["Key", "Arn"] },
                "VisibilityTimeout": { "Fn::FindInMap": ["Sizes", "prod", "days"] }
            } }
        }
    }"#;

    #[test]
    fn what_is_not_defined_is_an_error_at_the_reference() {
        for (from, to, field) in [
            ("${Name}", "${Nmae}", "Properties.QueueName.Fn::Sub"),
            ("[\"Key\", \"Arn\"]", "[\"Kye\", \"Arn\"]", "Properties.KmsMasterKeyId.Fn::GetAtt"),
            ("\"DependsOn\": \"Key\"", "\"DependsOn\": \"Name\"", "DependsOn[0]"),
            ("\"Condition\": \"IsNamed\"", "\"Condition\": \"IsNmaed\"", "Condition"),
            ("[\"Sizes\", \"prod\", \"days\"]", "[\"Sizes\", \"dev\", \"days\"]", "Properties.VisibilityTimeout.Fn::FindInMap"),
            ("[{ \"Ref\": \"Name\" }, \"\"]", "[{ \"Ref\": \"Key\" }, \"\"]", "Fn::Not[0].Fn::Equals[0].Ref"),
        ] {
            assert!(RESOURCES.contains(from), "{from}");
            assert_eq!(fields(&RESOURCES.replace(from, to)), [format!("MS0121 {field}")], "{to}");
        }
        assert_eq!(helps(&RESOURCES.replace("${Name}", "${Nmae}")), ["did you mean `Name`?"]);
    }

    #[test]
    fn what_is_defined_or_made_by_a_transform_is_fine() {
        assert_eq!(fields(RESOURCES), [""; 0]);
        let serverless = r#"{ "Transform": "AWS::Serverless-2016-10-31", "Resources": {
            "Orders": { "Type": "AWS::Serverless::Function", "Properties": {} },
            "Name": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Ref": "OrdersRole" } } }
        } }"#;
        assert_eq!(fields(serverless), [""; 0]);
        assert_eq!(fields(&serverless.replace("OrdersRole", "PaymentsRole")), ["MS0121 Properties.Value.Ref"]);
    }
}
