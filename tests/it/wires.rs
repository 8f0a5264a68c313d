//! How a reference is written, for each kind of reader.

use meshsynth::testing::Platform;
use meshsynth::val::{Bag, Data, Part};
use meshsynth::{App, Construct, Env, Resource, Stack, Val, text};
use serde_json::{Value, json};

/// A resource of a type that every test may refer to.
pub use meshsynth::cfn::sqs::Queue;

pub fn queue(stack: &Stack, id: &str) -> Resource<Queue> {
    Resource::define(stack, id, "AWS::SQS::Queue", Bag::default())
}

/// A parameter that reads `value`.
pub fn reader(stack: &Stack, value: impl Into<Data>) {
    let props = Bag::default().with("Type", "String").with("Value", value.into());
    Resource::<meshsynth::cfn::Raw>::define(stack, "reader", "AWS::SSM::Parameter", props);
}

pub fn tokyo() -> Env {
    Env::new("111122223333", "ap-northeast-1")
}

/// What the reader reads, in the template of its stack.
fn read(platform: &Platform) -> Value {
    platform.resource("AWS::SSM::Parameter").props["Value"].clone()
}

/// One stack that reads a queue of its own.
fn within(value: impl FnOnce(&Resource<Queue>, &Stack) -> Data) -> Value {
    let platform = Platform::synth("app", |app| {
        let stack = Stack::new(app, "one", tokyo());
        let queue = queue(&stack, "jobs");
        reader(&stack, value(&queue, &stack));
    });
    read(&platform)
}

/// A stack in `theirs` that reads a queue of a stack in `ours`; returns both templates.
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
fn within_a_stack_the_node_itself_is_a_ref() {
    insta::assert_json_snapshot!(within(|queue, _| queue.attr::<String>("Ref").into()), @r#"
    {
      "Ref": "Jobs68FD6203"
    }
    "#);
}

#[test]
fn within_a_stack_an_attribute_is_a_getatt() {
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
fn text_made_of_values_is_a_sub_with_local_values_inline() {
    insta::assert_json_snapshot!(within(|queue, stack| {
        text!["arn:", stack.scope().partition(), ":x:", queue.attr::<String>("QueueName"), "/${literal}"].into()
    }), @r#"
    {
      "Fn::Sub": "arn:${AWS::Partition}:x:${Jobs68FD6203.QueueName}/${!literal}"
    }
    "#);
}

#[test]
fn a_piece_of_a_value_is_selected_from_a_split() {
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
fn a_document_may_have_a_value_in_a_key() {
    insta::assert_json_snapshot!(within(|queue, _| {
        Data::from(Val::doc([Part::from(r#"{""#), Part::from(arn(queue)), Part::from(r#":sub":"me"}"#)]))
    }), @r#"
    {
      "Fn::Sub": "{\"${Jobs68FD6203.Arn}:sub\":\"me\"}"
    }
    "#);
}

#[test]
fn a_known_account_is_written_out_and_an_open_one_is_a_pseudo_parameter() {
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
fn another_stack_of_the_region_exports_and_imports() {
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
fn a_piece_is_cut_where_the_value_lives() {
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
fn weak_references_leave_no_export() {
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
fn another_region_is_read_by_a_weak_reference() {
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
fn another_account_is_read_through_a_role() {
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
fn text_of_two_stacks_is_put_together_where_it_is_read() {
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
