//! A platform program for the tests of this package.

use std::process::ExitCode;

use meshsynth::policy::Rule;
use meshsynth::val::Bag;
use meshsynth::{App, Env, Resource, Stack};
use meshsynth_program::Program;

fn main() -> ExitCode {
    Program::new("shop")
        .environment("staging", "ap-northeast-1")
        .environment("production", "eu-central-1")
        .environment("broken", "eu-central-1")
        .environment("panics", "eu-central-1")
        .environment("judged", "eu-central-1")
        .run(|app, region| shop(app, region))
}

fn shop(app: &App, region: &str) {
    assert_ne!(app.name(), "shop-panics", "the program gives up");
    let alerts = Stack::new(app, "alerts", Env::region(region));
    topic(&alerts, "orders");
    if app.name() == "shop-judged" {
        app.rule(Rule::new("ACME001", "every topic has an owner", |platform, _| {
            let topic = platform.resources("AWS::SNS::Topic").next();
            topic.and_then(|it| it.tag("owner")).expect("an owner");
        }));
    }
    if app.name() == "shop-broken" {
        topic(&alerts, "orders");
        topic(&alerts, "Pay Ments");
    }
}

#[track_caller]
fn topic(stack: &Stack, id: &str) {
    Resource::<meshsynth::cfn::Raw>::define(stack, id, "AWS::SNS::Topic", Bag::default());
}
