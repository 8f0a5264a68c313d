//! The form of references for each kind of reader.

use meshsynth::testing::Platform;
use meshsynth::val::{Bag, Data, Part};
use meshsynth::{App, Construct, Env, Resource, Stack, Val, text};
use serde_json::{Value, json};

/// A resource type that tests refer to.
pub use meshsynth::cfn::sqs::Queue;

pub fn queue(stack: &Stack, id: &str) -> Resource<Queue> {
    Resource::define(stack, id, "AWS::SQS::Queue", Bag::default())
}

/// Defines a parameter that reads `value`.
pub fn reader(stack: &Stack, value: impl Into<Data>) {
    let props = Bag::default().with("Type", "String").with("Value", value.into());
    Resource::<meshsynth::cfn::Raw>::define(stack, "reader", "AWS::SSM::Parameter", props);
}

pub fn tokyo() -> Env {
    Env::new("111122223333", "ap-northeast-1")
}

/// Returns the value of the reader in the template of its stack.
fn read(platform: &Platform) -> Value {
    platform.resource("AWS::SSM::Parameter").props["Value"].clone()
}

/// Returns the value of a reader in the stack of the queue.
fn within(value: impl FnOnce(&Resource<Queue>, &Stack) -> Data) -> Value {
    let platform = Platform::synth("app", |app| {
        let stack = Stack::new(app, "one", tokyo());
        let queue = queue(&stack, "jobs");
        reader(&stack, value(&queue, &stack));
    });
    read(&platform)
}

/// Returns the templates of a stack in `ours` with a queue, and of a stack in `theirs` that reads it.
fn across(
    app: impl FnOnce(&App),
    ours: Env,
    theirs: Env,
    value: impl FnOnce(&Resource<Queue>) -> Data,
) -> (Value, Value) {
    let platform = Platform::synth("app", |it| {
        app(it);
        let producer = Stack::new(it, "producer", ours);
        let consumer = Stack::new(it, "consumer", theirs);
        let queue = queue(&producer, "jobs");
        reader(&consumer, value(&queue));
    });
    (platform.template("producer")["Outputs"].clone(), read(&platform))
}

pub fn arn(queue: &Resource<Queue>) -> Val<String> {
    queue.attr("Arn")
}

#[test]
fn uses_ref_for_a_resource_within_a_stack() {
    insta::assert_json_snapshot!(within(|queue, _| queue.attr::<String>("Ref").into()), @r#"
    {
      "Ref": "Jobs68FD6203"
    }
    "#);
}

#[test]
fn uses_getatt_for_an_attribute_within_a_stack() {
    insta::assert_json_snapshot!(within(|queue, _| arn(queue).into()), @r#"
    {
      "Fn::GetAtt": [
        "Jobs68FD6203",
        "Arn"
      ]
    }
    "#);
}

#[test]
fn uses_sub_for_text_with_values() {
    insta::assert_json_snapshot!(within(|queue, stack| {
        text!["arn:", stack.scope().partition(), ":x:", queue.attr::<String>("QueueName"), "/${literal}"].into()
    }), @r#"
    {
      "Fn::Sub": "arn:${AWS::Partition}:x:${Jobs68FD6203.QueueName}/${!literal}"
    }
    "#);
}

#[test]
fn selects_a_part_of_a_value_from_a_split() {
    insta::assert_json_snapshot!(within(|queue, _| arn(queue).piece(":", 5).into()), @r#"
    {
      "Fn::Select": [
        5,
        {
          "Fn::Split": [
            ":",
            {
              "Fn::GetAtt": [
                "Jobs68FD6203",
                "Arn"
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn supports_a_value_in_a_document_key() {
    insta::assert_json_snapshot!(within(|queue, _| {
        Data::from(Val::doc([Part::from(r#"{""#), Part::from(arn(queue)), Part::from(r#":sub":"me"}"#)]))
    }), @r#"
    {
      "Fn::Sub": "{\"${Jobs68FD6203.Arn}:sub\":\"me\"}"
    }
    "#);
}

#[test]
fn uses_a_pseudo_parameter_only_for_an_unknown_account() {
    let account = |env: Env| {
        let platform = Platform::synth("app", |app| {
            let stack = Stack::new(app, "one", env);
            reader(&stack, stack.scope().account());
        });
        read(&platform)
    };
    assert_eq!(account(tokyo()), json!("111122223333"));
    assert_eq!(account(Env::region("ap-northeast-1")), json!({ "Ref": "AWS::AccountId" }));
}

#[test]
fn uses_exports_and_imports_within_a_region() {
    insta::assert_json_snapshot!(across(|_| {}, tokyo(), tokyo(), |queue| arn(queue).into()), @r#"
    [
      {
        "Jobs68FD6203Arn": {
          "Export": {
            "Name": "app-producer:Jobs68FD6203Arn"
          },
          "Value": {
            "Fn::GetAtt": [
              "Jobs68FD6203",
              "Arn"
            ]
          }
        }
      },
      {
        "Fn::ImportValue": "app-producer:Jobs68FD6203Arn"
      }
    ]
    "#);
}

#[test]
fn splits_a_value_in_its_own_stack() {
    insta::assert_json_snapshot!(across(|_| {}, tokyo(), Env::new("111122223333", "us-east-1"), |queue| {
        arn(queue).piece(":", 5).into()
    }), @r#"
    [
      {
        "Jobs68FD6203ArnPiece5": {
          "Value": {
            "Fn::Select": [
              5,
              {
                "Fn::Split": [
                  ":",
                  {
                    "Fn::GetAtt": [
                      "Jobs68FD6203",
                      "Arn"
                    ]
                  }
                ]
              }
            ]
          }
        }
      },
      {
        "Fn::GetStackOutput": {
          "OutputName": "Jobs68FD6203ArnPiece5",
          "Region": "ap-northeast-1",
          "StackName": "app-producer"
        }
      }
    ]
    "#);
}

#[test]
fn weak_references_define_no_export() {
    insta::assert_json_snapshot!(
        across(|app| { app.weak_references(); }, tokyo(), tokyo(), |queue| arn(queue).into()), @r#"
    [
      {
        "Jobs68FD6203Arn": {
          "Value": {
            "Fn::GetAtt": [
              "Jobs68FD6203",
              "Arn"
            ]
          }
        }
      },
      {
        "Fn::GetStackOutput": {
          "OutputName": "Jobs68FD6203Arn",
          "StackName": "app-producer"
        }
      }
    ]
    "#
    );
}

#[test]
fn uses_a_weak_reference_for_another_region() {
    insta::assert_json_snapshot!(
        across(|_| {}, tokyo(), Env::new("111122223333", "us-east-1"), |queue| arn(queue).into()), @r#"
    [
      {
        "Jobs68FD6203Arn": {
          "Value": {
            "Fn::GetAtt": [
              "Jobs68FD6203",
              "Arn"
            ]
          }
        }
      },
      {
        "Fn::GetStackOutput": {
          "OutputName": "Jobs68FD6203Arn",
          "Region": "ap-northeast-1",
          "StackName": "app-producer"
        }
      }
    ]
    "#
    );
}

#[test]
fn uses_a_role_for_another_account() {
    insta::assert_json_snapshot!(
        across(|_| {}, tokyo(), Env::new("444455556666", "ap-northeast-1"), |queue| arn(queue).into()), @r#"
    [
      {
        "Jobs68FD6203Arn": {
          "Value": {
            "Fn::GetAtt": [
              "Jobs68FD6203",
              "Arn"
            ]
          }
        }
      },
      {
        "Fn::GetStackOutput": {
          "OutputName": "Jobs68FD6203Arn",
          "RoleArn": "arn:aws:iam::111122223333:role/meshsynth-output-reader",
          "StackName": "app-producer"
        }
      }
    ]
    "#
    );
}

#[test]
fn combines_text_of_two_stacks_in_the_reader() {
    insta::assert_json_snapshot!(across(|_| {}, tokyo(), tokyo(), |queue| {
        text!["queue ", queue.attr::<String>("QueueName"), " at ", arn(queue)].into()
    }), @r#"
    [
      {
        "Jobs68FD6203Arn": {
          "Export": {
            "Name": "app-producer:Jobs68FD6203Arn"
          },
          "Value": {
            "Fn::GetAtt": [
              "Jobs68FD6203",
              "Arn"
            ]
          }
        },
        "Jobs68FD6203QueueName": {
          "Export": {
            "Name": "app-producer:Jobs68FD6203QueueName"
          },
          "Value": {
            "Fn::GetAtt": [
              "Jobs68FD6203",
              "QueueName"
            ]
          }
        }
      },
      {
        "Fn::Sub": [
          "queue ${Value1} at ${Value2}",
          {
            "Value1": {
              "Fn::ImportValue": "app-producer:Jobs68FD6203QueueName"
            },
            "Value2": {
              "Fn::ImportValue": "app-producer:Jobs68FD6203Arn"
            }
          }
        ]
      }
    ]
    "#);
}
