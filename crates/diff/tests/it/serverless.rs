//! Changes of AWS SAM resources, and their effect on the generated resources. `S` is
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/>.

use meshsynth_diff::Verdict;
use serde_json::{Value, json};

use crate::scene::{diff, scene};

/// Returns the verdict of each changed resource.
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

/// S sam-resource-function.html. The log group has the name of the function, which is unchanged.
#[test]
fn new_runtime_keeps_the_log_group_of_a_function() {
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
fn create_only_properties_replace() {
    let named = |name: &str| json!({ "Handler": "a.b", "FunctionName": name });
    assert_eq!(of("AWS::Serverless::Function", named("a"), named("b")), [Verdict::Replace]);
    let machine = |of: &str| json!({ "Type": of, "DefinitionUri": "s3://a/b" });
    assert_eq!(of("AWS::Serverless::StateMachine", machine("STANDARD"), machine("EXPRESS")), [Verdict::Replace]);
    let layer = |uri: &str| json!({ "ContentUri": uri });
    assert_eq!(of("AWS::Serverless::LayerVersion", layer("s3://a/1"), layer("s3://a/2")), [Verdict::Replace]);
}

#[test]
fn new_stage_interrupts_callers_of_the_old_one() {
    let api = |stage: &str| json!({ "StageName": stage });
    assert_eq!(of("AWS::Serverless::Api", api("v1"), api("v2")), [Verdict::Interruption]);
}

/// S sam-resource-simpletable.html
#[test]
fn removing_a_table_or_changing_its_key_loses_data() {
    let table = |key: &str| json!({ "PrimaryKey": { "Name": key, "Type": "String" } });
    assert_eq!(of("AWS::Serverless::SimpleTable", table("id"), table("name")), [Verdict::DataLoss]);
    let resources = json!({ "It": { "Type": "AWS::Serverless::SimpleTable" }, "Topic": { "Type": "AWS::SNS::Topic" } });
    let without = json!({ "Topic": { "Type": "AWS::SNS::Topic" } });
    assert_eq!(verdicts(resources, without), [("It".to_owned(), Verdict::DataLoss)]);
}

/// S sam-resource-application.html
#[test]
fn changed_parameters_update_an_application_in_place() {
    let application = |domain: &str| json!({ "Location": "auth.yaml", "Parameters": { "Domain": domain } });
    assert_eq!(of("AWS::Serverless::Application", application("a"), application("b")), [Verdict::InPlace]);
}
