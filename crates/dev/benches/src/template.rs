//! A CloudFormation template of N resources for measurements of `meshsynth adopt`.

use std::path::Path;
use std::{fs, io};

use serde_json::{Map, Value, json};

/// The number of resources of one service. They refer to earlier resources only, so the last service may be incomplete.
const PER_SERVICE: usize = 8;

/// Writes a template with this many resources of eight types.
///
/// CloudFormation limits a template to 500 resources. Larger templates show how the work grows.
pub fn template(n_resources: usize, out: &Path) -> io::Result<()> {
    let resources: Map<String, Value> = (0..n_resources).map(resource).collect();
    let outputs: Map<String, Value> = (0..n_resources)
        .step_by(PER_SERVICE)
        .map(|number| {
            let id = id("Key", number / PER_SERVICE);
            (format!("{id}Arn"), json!({ "Value": { "Fn::GetAtt": [id, "Arn"] } }))
        })
        .collect();
    let stage = json!({ "Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev" });
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": { "Stage": stage },
        "Conditions": { "IsProd": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] } },
        "Resources": resources,
        "Outputs": outputs,
    });
    fs::create_dir_all(out)?;
    fs::write(out.join("services.json"), serde_json::to_string_pretty(&template)? + "\n")
}

fn id(kind: &str, service: usize) -> String {
    format!("Service{service}{kind}")
}

/// Returns the logical ID and the body of a resource.
fn resource(number: usize) -> (String, Value) {
    let service = number / PER_SERVICE;
    let attribute = |kind: &str, name: &str| json!({ "Fn::GetAtt": [id(kind, service), name] });
    let named = |suffix: &str| json!({ "Fn::Sub": format!("${{Stage}}-service-{service}{suffix}") });
    let key = || attribute("Key", "Arn");
    let role = || attribute("Role", "Arn");
    let (kind, type_name, properties) = match number % PER_SERVICE {
        0 => {
            let root = json!({ "Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root" });
            let statement =
                json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": { "AWS": root } });
            let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
            ("Key", "AWS::KMS::Key", json!({ "EnableKeyRotation": true, "KeyPolicy": policy }))
        }
        1 => {
            let principal = json!({ "Service": "lambda.amazonaws.com" });
            let trust = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
            let policy = json!({ "Version": "2012-10-17", "Statement": [trust] });
            ("Role", "AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": policy, "RoleName": named("") }))
        }
        2 => {
            let properties = json!({ "QueueName": named(""), "KmsMasterKeyId": key(), "VisibilityTimeout": 60 });
            ("Queue", "AWS::SQS::Queue", properties)
        }
        3 => ("Topic", "AWS::SNS::Topic", json!({ "TopicName": named(""), "KmsMasterKeyId": key() })),
        4 => {
            let days = json!({ "Fn::If": ["IsProd", 365, 30] });
            ("Logs", "AWS::Logs::LogGroup", json!({ "LogGroupName": named("-logs"), "RetentionInDays": days }))
        }
        5 => {
            let queue = json!({ "Ref": id("Queue", service.saturating_sub(1)) });
            let properties = json!({
                "FunctionName": named(""),
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": { "ZipFile": "def handler(event, context):\n    return event\n" },
                "Role": role(),
                "Environment": { "Variables": { "QUEUE_URL": queue, "STAGE": { "Ref": "Stage" } } },
            });
            ("Function", "AWS::Lambda::Function", properties)
        }
        6 => {
            let properties = json!({
                "TableName": named(""),
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
                "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
            });
            ("Table", "AWS::DynamoDB::Table", properties)
        }
        _ => {
            let properties =
                json!({ "Name": named("/url"), "Type": "String", "Value": format!("https://{service}.example.com") });
            ("Url", "AWS::SSM::Parameter", properties)
        }
    };
    let mut body = json!({ "Type": type_name, "Properties": properties });
    if matches!(kind, "Key" | "Queue" | "Table" | "Logs") {
        body["DeletionPolicy"] = json!("Retain");
        body["UpdateReplacePolicy"] = json!("Retain");
    }
    (id(kind, service), body)
}
