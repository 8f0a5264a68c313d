//! Resources of AWS SAM: what a change does to what is made of them.
//! `S` is <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/>.

use meshsynth_diff::Verdict;
use serde_json::{Value, json};

use crate::scene::{diff, scene};

/// The verdict on each resource that changes.
#[track_caller]
fn verdicts(before: Value, after: Value) -> Vec<(String, Verdict)> {
    let template = |resources: Value| json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": resources });
    let found = diff(&scene(vec![("a", template(before))], vec![]), &scene(vec![("a", template(after))], vec![]));
    found.changes.iter().map(|it| (it.id.clone(), it.verdict)).collect()
}

#[track_caller]
fn of(type_name: &str, before: Value, after: Value) -> Vec<Verdict> {
    let resource = |properties: Value| json!({ "It": { "Type": type_name, "Properties": properties } });
    verdicts(resource(before), resource(after)).into_iter().map(|it| it.1).collect()
}

/// S sam-resource-function.html; the log group is that of its name, which stays.
#[test]
fn another_runtime_changes_a_function_and_leaves_its_logs() {
    let with = |runtime: &str| {
        json!({
            "Mails": { "Type": "AWS::Serverless::Function", "Properties": { "Handler": "a.b", "Runtime": runtime } },
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": { "LogGroupName": { "Fn::Sub": "/aws/lambda/${Mails}" } },
            },
            "May": {
                "Type": "AWS::Lambda::Permission",
                "Properties": { "FunctionName": { "Ref": "Mails" }, "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com" },
            },
        })
    };
    assert_eq!(verdicts(with("python3.8"), with("python3.14")), [("Mails".to_owned(), Verdict::InPlace)]);
}

#[test]
fn what_can_only_be_set_at_creation_replaces() {
    let named = |name: &str| json!({ "Handler": "a.b", "FunctionName": name });
    assert_eq!(of("AWS::Serverless::Function", named("a"), named("b")), [Verdict::Replace]);
    let machine = |of: &str| json!({ "Type": of, "DefinitionUri": "s3://a/b" });
    assert_eq!(of("AWS::Serverless::StateMachine", machine("STANDARD"), machine("EXPRESS")), [Verdict::Replace]);
    let layer = |uri: &str| json!({ "ContentUri": uri });
    assert_eq!(of("AWS::Serverless::LayerVersion", layer("s3://a/1"), layer("s3://a/2")), [Verdict::Replace]);
}

#[test]
fn another_stage_interrupts_whoever_calls_the_old_one() {
    let api = |stage: &str| json!({ "StageName": stage });
    assert_eq!(of("AWS::Serverless::Api", api("v1"), api("v2")), [Verdict::Interruption]);
}

/// S sam-resource-simpletable.html
#[test]
fn a_table_with_another_key_or_without_a_place_loses_its_data() {
    let table = |key: &str| json!({ "PrimaryKey": { "Name": key, "Type": "String" } });
    assert_eq!(of("AWS::Serverless::SimpleTable", table("id"), table("name")), [Verdict::DataLoss]);
    let resources = json!({ "It": { "Type": "AWS::Serverless::SimpleTable" }, "Topic": { "Type": "AWS::SNS::Topic" } });
    let without = json!({ "Topic": { "Type": "AWS::SNS::Topic" } });
    assert_eq!(verdicts(resources, without), [("It".to_owned(), Verdict::DataLoss)]);
}

/// S sam-resource-application.html
#[test]
fn other_parameters_change_an_application_in_place() {
    let application = |domain: &str| json!({ "Location": "auth.yaml", "Parameters": { "Domain": domain } });
    assert_eq!(of("AWS::Serverless::Application", application("a"), application("b")), [Verdict::InPlace]);
}
