//! Tests takeovers with the binary: rejections, JSON output, and undo.
#![cfg(unix)]

use std::fs;

use meshsynth_deploy::cloud::Stack;
use serde_json::Value;

use crate::aws::{command, said};
use crate::endpoint::Endpoint;
use crate::project::{GOOD, Project};
use crate::world::Kept;

const REGION: &str = "ap-northeast-1";

/// Returns an endpoint with a stack of the shop that another tool created.
fn endpoint() -> Endpoint {
    let endpoint = Endpoint::start();
    let stack = Stack {
        id: format!("arn:aws:cloudformation:{REGION}:111122223333:stack/shop-data/1"),
        name: "shop-data".to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
        tags: [("team".to_owned(), "data".to_owned())].into(),
        ..Stack::default()
    };
    let template = "{\"Resources\":{\"Old\":{\"Type\":\"AWS::SQS::Queue\",\"Properties\":{}}}}".to_owned();
    let kept = Kept { stack, template, ..Kept::default() };
    endpoint.world.lock().unwrap().stacks.insert((REGION.to_owned(), "shop-data".to_owned()), kept);
    endpoint
}

#[test]
fn takes_over_a_named_stack_and_reports_json() {
    let (project, endpoint) = (Project::after_success("take-over", GOOD), endpoint());
    let deploy = |more: &[&str]| {
        let args = [&["deploy", "--require-approval", "never", "--stacks-only"], more].concat();
        command(&project, &endpoint.address, &args).output().unwrap()
    };
    let refused = deploy(&[]);
    assert!(said(&refused).contains("take it over with `--adopt shop-data`"), "{}", said(&refused));
    assert_ne!(refused.status.code(), Some(0));
    assert!(!endpoint.world.lock().unwrap().calls.contains_key("CreateChangeSet"), "nothing was started");

    let unknown = deploy(&["--adopt", "shop-data", "--import=nothing"]);
    assert!(said(&unknown).contains("`--import=nothing` is not a resource of the output"), "{}", said(&unknown));

    let taken = deploy(&["--adopt", "shop-data", "--json"]);
    assert_eq!(taken.status.code(), Some(0), "{}", said(&taken));
    let lines = String::from_utf8_lossy(&taken.stdout).into_owned();
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let event = events.into_iter().find(|event| event["event"] == "takes-over").unwrap();
    assert_eq!((&event["at"], &event["name"]), (&Value::from("data"), &Value::from("stack `shop-data`")));
    assert!(event["back"].as_str().unwrap().starts_with("aws cloudformation update-stack --region ap-northeast-1 "));
    let kept = project.root.join("synth.out/.deploy/shop/taken-over").join(REGION).join("shop-data");
    assert!(fs::read_to_string(kept.join("template.json")).unwrap().contains("\"Old\""));
    let world = endpoint.world.lock().unwrap();
    let tags = &world.find(REGION, "shop-data").unwrap().stack.tags;
    assert_eq!((tags["team"].as_str(), tags["meshsynth:adopted"].as_str()), ("data", "true"));
}

#[test]
fn plan_reports_takeovers_without_changes() {
    let (project, endpoint) = (Project::after_success("plan-take-over", GOOD), endpoint());
    let plan = |more: &[&str]| {
        let args = [&["deploy", "--plan", "plan.json"], more].concat();
        command(&project, &endpoint.address, &args).output().unwrap()
    };
    let offline = plan(&[]);
    assert_eq!(offline.status.code(), Some(0), "{}", said(&offline));
    assert_eq!(endpoint.world.lock().unwrap().calls.len(), 0, "a plan alone asks nobody");
    let adopting = plan(&["--adopt", "shop-data", "--refactor"]);
    let text = said(&adopting);
    assert_eq!(adopting.status.code(), Some(0), "{text}");
    assert!(text.contains("takes over stack `shop-data` from"), "{text}");
    assert!(
        text.contains("the tags `team` are kept") && text.contains("no resource moves in ap-northeast-1"),
        "{text}"
    );
    assert!(!project.root.join("synth.out/.deploy/shop/taken-over").exists(), "nothing is written down");
    // A rejected takeover is reported, and the command fails.
    let refused = plan(&["--import"]);
    let text = said(&refused);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(
        text.contains("was not created by meshsynth") && text.contains("1 problem found for the takeover"),
        "{text}"
    );
    let unknown = plan(&["--adopt", "shop-dtaa"]);
    assert!(said(&unknown).contains("`--adopt shop-dtaa` is not the name of a stack"), "{}", said(&unknown));
    assert_eq!(unknown.status.code(), Some(1));
    assert!(project.root.join("plan.json").exists(), "the plan is written all the same");
    let reads = [
        "DescribeStacks",
        "GetCallerIdentity",
        "GetStackPolicy",
        "GetTemplate",
        "GetTemplateSummary",
        "ListStackRefactors",
    ];
    let world = endpoint.world.lock().unwrap();
    assert!(world.calls.keys().all(|name| reads.contains(&name.as_str())), "{:?}", world.calls);
}
