//! Tests `reach`, `lose` and `adopt` on deployed stacks.

use std::fs;

use meshsynth_deploy::cloud::StackResource;
use serde_json::json;

use crate::place::{DATA, Place, deployment, namespace};

/// Sets the physical names of stack resources in AWS.
fn named(place: &Place, stack: &str, rows: &[(&str, &str, &str)]) {
    let mut world = place.aws.world.lock().unwrap();
    let kept = world.find_mut("eu-west-1", stack).unwrap();
    for (id, kind, physical) in rows {
        let (id, kind, physical) = ((*id).to_owned(), (*kind).to_owned(), (*physical).to_owned());
        let status = "CREATE_COMPLETE".to_owned();
        kept.resources.insert(id.clone(), StackResource { id, physical, kind, status });
    }
}

const ROLE: &str = r#"{ "Parameters": { "Table": { "Type": "String" } }, "Resources": {
  "Orders": { "Type": "AWS::DynamoDB::Table", "Properties": { "TableName": { "Ref": "Table" },
    "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }], "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }] } },
  "Role": { "Type": "AWS::IAM::Role", "Properties": {
    "AssumeRolePolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] },
    "Policies": [{ "PolicyName": "read", "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Action": "dynamodb:GetItem",
      "Resource": { "Fn::GetAtt": ["Orders", "Arn"] } }] } }] } } } }"#;

#[test]
fn answers_reach_and_lose_for_deployed_resources() {
    let place = Place::new("reach");
    place.kubeconfig().stack("shop", ROLE, &[("Table", "live-orders")], &[]);
    named(
        &place,
        "shop",
        &[("Role", "AWS::IAM::Role", "shop-Role-1ABC"), ("Orders", "AWS::DynamoDB::Table", "live-orders")],
    );
    place.object("/api/v1/namespaces/shop", "kubectl-create", &namespace());
    let pod = |name: &str| {
        let mut object = deployment("shop/web:1", &[]);
        object["metadata"]["name"] = json!(name);
        object["spec"]["selector"]["matchLabels"]["app"] = json!(name);
        object["spec"]["template"]["metadata"]["labels"]["app"] = json!(name);
        object
    };
    place.object("/apis/apps/v1/namespaces/shop/deployments/web", "helm", &pod("web"));
    place.object("/apis/apps/v1/namespaces/shop/deployments/db", "helm", &pod("db"));
    let policy = json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "db", "namespace": "shop" },
        "spec": { "podSelector": { "matchLabels": { "app": "db" } }, "policyTypes": ["Ingress"], "ingress": [] } });
    let cluster = ["reach", "--deployed", "--context", "tokyo"];
    let ask = |args: &[&str]| place.run(&[&cluster[..], args].concat());
    let (code, out, errors) = ask(&["--from", "web", "--to", "db:80", "--expect", "allowed"]);
    assert_eq!(code, 0, "{out}{errors}");
    place.object("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/db", "kubectl-create", &policy);
    let (code, out, errors) = ask(&["--from", "web", "--to", "db:80", "--why"]);
    assert!(code == 0 && out.starts_with("denied ") && out.contains("NetworkPolicy shop/db"), "{out}{errors}");
    // The command uses the values and names from AWS.
    let (code, out, errors) = place.run(&[
        "reach",
        "--deployed",
        "--stack",
        "shop@eu-west-1",
        "--from",
        "shop/Role",
        "--to",
        "shop/Orders",
        "--action",
        "dynamodb:GetItem",
        "--why",
    ]);
    assert!(code == 0 && out.starts_with("allowed "), "{out}{errors}");
    let (_, out, errors) = place.run(&[
        "reach",
        "--deployed",
        "--stack",
        "shop",
        "--from",
        "arn:aws:iam::111122223333:role/shop-Role-1ABC",
        "--to",
        "shop/Orders",
    ]);
    assert!(out.contains("shop/Role") || out.starts_with("allowed"), "{out}{errors}");
    let (code, _, errors) = place.run(&["reach", "--deployed", "--stack", "shpo", "--from", "internet"]);
    assert!(code == 2 && errors.contains("there is no stack `shpo`"), "{errors}");
    let (code, out, errors) = place.run(&["lose", "--deployed", "--context", "prod=one", "--workload", "web"]);
    assert!(code == 0 && out.contains("web"), "{out}{errors}");
}

#[test]
fn adopts_a_deployed_stack() {
    let place = Place::new("adopt");
    place.stack("prod-data", DATA, &[("Stage", "live")], &[]);
    let (code, _, errors) = place.run(&["adopt", "--stack", "prod-data", "--into", "shop", "--no-proof"]);
    assert!(code == 0 && errors.contains("made shop: 2 of 2 resources and objects adopted"), "{errors}");
    assert!(errors.contains("`Stage` is `live`"), "{errors}");
    let report = fs::read_to_string(place.root.join("shop/ADOPTED.md")).unwrap();
    assert!(report.contains("`Stage` is `live`") && !report.contains("/meshsynth-"), "{report}");
    let program: String = fs::read_dir(place.root.join("shop/src"))
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(program.contains("prod-data") && program.contains("eu-west-1"), "{program}");
    assert!(program.contains("`stacks/eu-west-1/prod-data.template.yaml`"), "{program}");
    let (code, _, errors) = place.run(&["adopt", "--stack", "prod-dtaa", "--into", "other"]);
    assert!(
        code == 2 && errors.contains("there is no stack `prod-dtaa`") && !place.root.join("other").exists(),
        "{errors}"
    );
}
