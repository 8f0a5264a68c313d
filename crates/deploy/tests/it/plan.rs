//! Tests the plan as data.

use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::record::{ClusterRecord, Record};
use serde_json::json;

use crate::platform::{OSAKA, TOKYO, platform, shop, template};

#[test]
fn plan_depends_only_on_the_assembly() {
    let assembly = platform(&[
        ("network", TOKYO, &[], &["Vpc"]),
        ("edge", OSAKA, &[], &["Zone"]),
        ("data", TOKYO, &["network"], &["Cache", "OrdersDb"]),
    ]);
    let plan = Plan::new(&assembly, None).unwrap();
    assert_eq!(plan.order, [vec!["network", "edge"], vec!["data"]]);
    assert_eq!(plan.to_json(), Plan::new(&assembly, None).unwrap().to_json());
    insta::assert_snapshot!(plan.to_json());
}

#[test]
fn rejects_saved_plan_of_another_assembly() {
    let assembly = shop();
    let text = Plan::new(&assembly, None).unwrap().to_json();
    assert!(Plan::read(&text, &assembly).is_ok());
    let mut other = shop();
    other.files.insert("data.template.json".to_owned(), template(&["Cache"], 2));
    let error = Plan::read(&text, &other).unwrap_err().to_string();
    assert_eq!(error, "the plan is for another assembly of `shop`: create a new plan");
    let forged = text.replace("\"capabilities\": []", "\"capabilities\": [\"CAPABILITY_NAMED_IAM\"]");
    let error = Plan::read(&forged, &assembly).unwrap_err().to_string();
    assert_eq!(error, "the plan was edited after its creation: create a new plan");
}

#[test]
fn uploads_large_template_to_bucket() {
    let mut assembly = shop();
    let mut text = template(&["Cache"], 1);
    text.push_str(&" ".repeat(51_200 - text.len()));
    assembly.files.insert("data.template.json".to_owned(), text.clone());
    assert!(!Plan::new(&assembly, None).unwrap().stacks[1].by_bucket);
    assembly.files.insert("data.template.json".to_owned(), text + " ");
    assert!(Plan::new(&assembly, None).unwrap().stacks[1].by_bucket);
}

#[test]
fn requests_only_needed_capabilities() {
    let capabilities = |template: serde_json::Value| {
        let mut assembly = shop();
        assembly.files.insert("data.template.json".to_owned(), template.to_string());
        Plan::new(&assembly, None).unwrap().stacks[1].capabilities.join(",")
    };
    let role = |properties: serde_json::Value| json!({ "Resources": { "A": { "Type": "AWS::IAM::Role", "Properties": properties } } });
    assert_eq!(capabilities(json!({ "Resources": {} })), "");
    assert_eq!(capabilities(role(json!({}))), "CAPABILITY_IAM");
    assert_eq!(capabilities(role(json!({ "RoleName": "a" }))), "CAPABILITY_NAMED_IAM");
    assert_eq!(
        capabilities(json!({ "Transform": "AWS::LanguageExtensions", "Resources": {} })),
        "CAPABILITY_AUTO_EXPAND"
    );
    assert_eq!(
        capabilities(json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": {} })),
        "CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND"
    );
    let queue = json!({ "Resources": { "A": { "Type": "AWS::SQS::Queue", "Properties": { "RoleName": "a" } } } });
    assert_eq!(capabilities(queue), "");
}

#[test]
fn plan_contains_removed_parts() {
    let had =
        ClusterRecord { objects: vec!["k8s/run/40-workloads/a.yaml".to_owned()], releases: vec!["istiod".to_owned()] };
    let last = Record {
        stacks: vec!["shop-network".to_owned(), "shop-old".to_owned()],
        clusters: [("run".to_owned(), had)].into(),
        ..Record::default()
    };
    let plan = Plan::new(&shop(), Some(&last)).unwrap();
    assert_eq!(plan.gone.stacks, ["shop-old"]);
    assert_eq!(plan.gone.objects["run"], ["k8s/run/40-workloads/a.yaml"]);
    assert_eq!(plan.gone.releases["run"], ["istiod"]);
    assert_eq!(plan.record().stacks, ["shop-network", "shop-data", "shop-old"]);
}

#[test]
fn rejects_cyclic_and_missing_dependencies() {
    let circle = platform(&[("a", TOKYO, &["b"], &["A"]), ("b", TOKYO, &["a"], &["B"])]);
    assert_eq!(
        Plan::new(&circle, None).unwrap_err().to_string(),
        "the stacks `a`, `b` depend on each other in a cycle"
    );
    let unknown = platform(&[("a", TOKYO, &["x"], &["A"])]);
    assert_eq!(
        Plan::new(&unknown, None).unwrap_err().to_string(),
        "`a` depends on the stack `x`, which is not in the assembly"
    );
}
