//! AWS values in manifests: placeholders, bindings and outputs.

use meshsynth::cfn::sqs::Queue;
use meshsynth::testing::{Platform, stack, workload};
use meshsynth::val::{AttrName, Bag};
use meshsynth::{Resource, Val, text};
use serde_json::{Value, json};

/// Returns the `ConfigMap` of a workload that reads a queue, and its entry in `bindings.json`.
fn in_manifest(value: impl FnOnce(&Resource<Queue>) -> Val<String>, props: Bag) -> (String, Value) {
    let platform = Platform::synth("app", |app| {
        let queue: Resource<Queue> = Resource::define(&stack(app, "jobs"), "queue", "AWS::SQS::Queue", props);
        workload(app).env("QUEUE", value(&queue));
    });
    let line = platform.manifest("configmap-orders-config").lines().last().unwrap_or_default().trim().to_owned();
    let bindings: Value = serde_json::from_str(&platform.assembly.files["bindings.json"]).expect("it is JSON");
    let row = bindings.as_object().and_then(|rows| rows.iter().find(|(name, _)| name.starts_with("${jobs/")));
    (line, row.map_or(Value::Null, |(name, row)| json!({ name: row, "outputs": platform.template("jobs")["Outputs"] })))
}

#[test]
fn a_manifest_has_a_placeholder_with_a_binding_and_an_output() {
    insta::assert_json_snapshot!(in_manifest(|queue| text!["arn=", queue.attr::<String>("Arn")], Bag::default()), @r#"
    [
      "QUEUE: arn=${jobs/queue.Arn}",
      {
        "${jobs/queue.Arn}": {
          "output": "QueueDD44AACCArn",
          "stack": "jobs"
        },
        "outputs": {
          "QueueDD44AACCArn": {
            "Value": {
              "Fn::GetAtt": [
                "QueueDD44AACC",
                "Arn"
              ]
            }
          }
        }
      }
    ]
    "#);
}

#[test]
fn writes_known_values_as_literals() {
    let props = Bag::default().with("QueueName", "jobs");
    let (line, binding) = in_manifest(|queue| queue.attr("QueueName"), props);
    assert_eq!((line.as_str(), binding), ("QUEUE: jobs", Value::Null));
}

#[test]
fn looks_up_api_values_for_a_manifest() {
    insta::assert_json_snapshot!(in_manifest(|queue| queue.attr(AttrName::lookup("Depth", "sqs:GetQueueAttributes")), Bag::default()), @r#"
    [
      "QUEUE: ${jobs/queue.Depth}",
      {
        "${jobs/queue.Depth}": {
          "lookup": {
            "call": "sqs:GetQueueAttributes",
            "field": "Depth"
          },
          "output": "QueueDD44AACCRef",
          "stack": "jobs"
        },
        "outputs": {
          "QueueDD44AACCRef": {
            "Value": {
              "Ref": "QueueDD44AACC"
            }
          }
        }
      }
    ]
    "#);
}
