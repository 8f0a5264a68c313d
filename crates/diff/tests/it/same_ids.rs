//! Stacks with equal logical IDs: each stack has its own rows and names.

use serde_json::{Value, json};

use crate::gates::denied;
use crate::scene::{diff, scene};

fn template(name: &str, open: &[&str]) -> Value {
    let rule = |block: &&str| json!({ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": block });
    json!({ "Resources": {
        "Db": { "Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Properties": { "DBName": name } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": "vpc-1", "SecurityGroupIngress": open.iter().map(rule).collect::<Vec<_>>() } },
    } })
}

#[test]
fn names_contain_the_stack() {
    let before = scene(vec![("prod", template("a", &[])), ("dev", template("a", &[]))], vec![]);
    let after = scene(vec![("prod", template("b", &[])), ("dev", template("a", &[]))], vec![]);
    let found = diff(&before, &after);
    assert_eq!(found.changes[0].name, "prod/Db");
    assert!(denied(&found, "data-loss").contains("`prod/Db`"), "{}", denied(&found, "data-loss"));
}

#[test]
fn rules_of_another_stack_are_not_merged() {
    // The group of `dev` is open before and after, so only the group of `prod` opens.
    let dev = || ("dev", template("a", &["0.0.0.0/0"]));
    let before = scene(vec![("prod", template("a", &[])), dev()], vec![]);
    let after = scene(vec![("prod", template("a", &["0.0.0.0/0"])), dev()], vec![]);
    let found = diff(&before, &after);
    assert!(denied(&found, "access").contains("`prod/Group`"), "{:#?}", found.access);
}

#[test]
fn objects_with_equal_names_have_their_namespace() {
    let set = |namespace: &str, image: &str| {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": namespace },
            "spec": { "strategy": { "type": "Recreate" }, "template": { "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "c", "image": image }] } } } })
    };
    let side = |image: &str| scene(vec![], ["a", "b"].map(|it| ("40-workloads", set(it, image))).into());
    let found = diff(&side("i:1"), &side("i:2"));
    assert!(denied(&found, "interruption").contains("`main/a/web`"), "{}", denied(&found, "interruption"));
}
