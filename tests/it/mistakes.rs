//! Mistakes in references, with the complete error texts.

use meshsynth::testing::try_synth;
use meshsynth::val::{AttrName, Bag};
use meshsynth::{Resource, Stack, Val};

use crate::wires::{arn, queue, reader, tokyo};

#[test]
fn reports_a_stack_cycle_with_both_lines() {
    let failure = try_synth("app", |app| {
        let one = Stack::new(app, "one", tokyo());
        let two = Stack::new(app, "two", tokyo());
        let (a, b) = (queue(&one, "a"), queue(&two, "b"));
        reader(&one, arn(&b));
        reader(&two, arn(&a));
    });
    insta::assert_snapshot!(failure.expect_err("a circle does not synthesize"), @"
    error[MS0104]: stacks depend on each other in a cycle: `one` → `two` → `one`
      --> tests/it/mistakes.rs:12:19
       = construct: one
       = note: `one/reader` reads `B29622EE9Arn` of `two` (tests/it/wires.rs:18:5)
       = note: `two/reader` reads `A296230C0Arn` of `one` (tests/it/wires.rs:18:5)
       = help: move one of the referring resources to the stack that it refers to, or to a third stack after both
    ");
}

#[test]
fn reports_a_missing_attribute() {
    let failure = try_synth("app", |app| {
        let one = Stack::new(app, "one", tokyo());
        let value: Val<String> = queue(&one, "jobs").attr("Endpoint");
        reader(&one, value);
    });
    insta::assert_snapshot!(failure.expect_err("there is no such attribute"), @"
    error[MS0113]: `one/jobs` has no attribute `Endpoint`
      --> tests/it/wires.rs:18:5
       = construct: one/reader
       = note: `one/jobs` is defined here (tests/it/wires.rs:12:5)
       = help: see the return values of the resource in the CloudFormation reference
    ");
}

#[test]
fn several_mistakes_are_all_reported_with_their_lines() {
    let failure = try_synth("app", |app| {
        let one = Stack::new(app, "one", tokyo());
        queue(&one, "Jobs");
        queue(&one, "jobs");
        queue(&one, "jobs");
        Resource::<meshsynth::cfn::Raw>::define(&one, "typo", "AWS::SQS::Queue", Bag::default().with("DelaySecond", 5));
    });
    insta::assert_snapshot!(failure.expect_err("there are three mistakes"), @"
    error[MS0105]: `DelaySecond` of AWS::SQS::Queue: no such property
      --> tests/it/mistakes.rs:51:9
       = construct: one/typo
       = help: did you mean `DelaySeconds`?

    error[MS0101]: `jobs` is defined twice in the same scope
      --> tests/it/wires.rs:12:5
       = construct: one/jobs
       = note: the first is defined here (tests/it/wires.rs:12:5)
       = help: give one of them another id; ids are unique within their scope

    error[MS0102]: `Jobs` is not a valid construct id
      --> tests/it/wires.rs:12:5
       = construct: one/Jobs
       = help: use lower-case letters, digits, `.` and `-`; begin with a letter or digit, and use at most 120 characters
    ");
}

#[test]
fn reports_api_values_in_a_template() {
    let failure = try_synth("app", |app| {
        let one = Stack::new(app, "one", tokyo());
        let value: Val<String> = queue(&one, "jobs").attr(AttrName::lookup("Depth", "sqs:GetQueueAttributes"));
        reader(&one, value);
    });
    insta::assert_snapshot!(failure.expect_err("no template knows it"), @"
    error[MS0113]: `Depth` is not available in a template, because CloudFormation has no such attribute
      --> tests/it/wires.rs:18:5
       = construct: one/reader
       = help: use the value in a manifest, which is completed during the deployment
    ");
}
