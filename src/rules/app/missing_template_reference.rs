//! A CloudFormation template refers to a name that it does not define.
//!
//! # What it reports
//!
//! The rule checks these references within one template:
//!
//! - `Ref` and `Fn::Sub` name parameters or resources, and `Fn::GetAtt` names resources
//! - `DependsOn` names resources
//! - `Condition` and `Fn::If` name conditions
//! - `Fn::FindInMap` names a mapping and its keys
//!
//! Conditions and rules can refer only to parameters. Names that a macro or transform may generate are not reported.
//!
//! # Why it matters
//!
//! CloudFormation rejects the template before it creates any resource.
//!
//! # Fix
//!
//! Fix the name, or define the missing parameter, resource, condition or mapping. In `Fn::Sub`, write literal text such
//! as `${HOME}` as `${!HOME}`.
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
    fn reports_an_undefined_name_at_its_reference() {
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
    fn accepts_defined_and_generated_names() {
        assert_eq!(fields(RESOURCES), [""; 0]);
        let serverless = r#"{ "Transform": "AWS::Serverless-2016-10-31", "Resources": {
            "Orders": { "Type": "AWS::Serverless::Function", "Properties": {} },
            "Name": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Ref": "OrdersRole" } } }
        } }"#;
        assert_eq!(fields(serverless), [""; 0]);
        assert_eq!(fields(&serverless.replace("OrdersRole", "PaymentsRole")), ["MS0121 Properties.Value.Ref"]);
    }
}
