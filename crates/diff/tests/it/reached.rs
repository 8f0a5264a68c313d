//! Network paths of small platforms: opened and closed paths, the effect of statements, and denied gates.

use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{self, Allow, Gate, Policy};
use meshsynth_diff::{Diff, Standing};
use serde_json::{Value, json};

use crate::scene::{Scene, diff, scene};

/// Returns a template with a database in a public or private subnet, and the rules of its security group.
fn data(is_public: bool, rules: &Value) -> Value {
    let subnet = |block: &str| json!({ "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": block } });
    let gateway = if is_public { json!({ "Ref": "Gateway" }) } else { Value::Null };
    let mut resources = json!({
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Gateway": { "Type": "AWS::EC2::InternetGateway" },
        "Attached": { "Type": "AWS::EC2::VPCGatewayAttachment", "Properties": { "VpcId": { "Ref": "Vpc" }, "InternetGatewayId": { "Ref": "Gateway" } } },
        "A": subnet("10.0.0.0/24"),
        "Table": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "Uses": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": { "SubnetId": { "Ref": "A" }, "RouteTableId": { "Ref": "Table" } } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc" }, "SecurityGroupIngress": rules } },
        "Subnets": { "Type": "AWS::RDS::DBSubnetGroup", "Properties": { "SubnetIds": [{ "Ref": "A" }] } },
        "Db": { "Type": "AWS::RDS::DBInstance", "Properties": {
            "Engine": "postgres", "DBInstanceClass": "db.t4g.medium", "PubliclyAccessible": is_public,
            "DBSubnetGroupName": { "Ref": "Subnets" }, "VPCSecurityGroups": [{ "Fn::GetAtt": ["Group", "GroupId"] }] } },
    });
    if is_public {
        resources["Out"] = json!({ "Type": "AWS::EC2::Route", "Properties": {
            "RouteTableId": { "Ref": "Table" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway } });
    }
    json!({ "Resources": resources })
}

fn open_rule() -> Value {
    json!([{ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0" }])
}

fn stack(template: Value) -> Scene {
    scene(vec![("data", template)], vec![])
}

fn of_templates(before: Value, after: Value) -> Diff {
    diff(&stack(before), &stack(after))
}

fn texts(diff: &Diff) -> Vec<String> {
    let sign = |opens: bool| if opens { '+' } else { '-' };
    diff.ways.iter().map(|way| format!("{} {way}", sign(way.opens))).collect()
}

fn deployment(name: &str, labels: &Value) -> Value {
    let container = json!({ "name": "main", "image": "a:1", "ports": [{ "containerPort": 8080 }] });
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "namespace": "shop" },
        "spec": { "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } } } })
}

fn only_from(role: &str) -> Value {
    json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "db", "namespace": "shop" },
        "spec": { "podSelector": { "matchLabels": { "app": "db" } }, "policyTypes": ["Ingress"],
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "role": role } } }] }] } })
}

fn objects(of: Vec<Value>) -> Scene {
    scene(vec![], of.into_iter().map(|it| ("40-workloads", it)).collect())
}

fn day() -> Day {
    Day::parse("2026-01-01").expect("a day")
}

#[test]
fn open_group_without_internet_route_is_not_public() {
    let found = of_templates(data(false, &json!([])), data(false, &open_rule()));
    assert_eq!(texts(&found), [""; 0]);
    assert!(matches!(found.access.as_slice(), [row] if row.stranger && !row.public && row.standing == Standing::NoWay));
    assert!(
        gates::check(&found, &[Gate::Public, Gate::Access, Gate::Reach(None)], &Policy::default(), day())
            .denied
            .is_empty()
    );
}

#[test]
fn open_group_with_internet_route_is_public() {
    let found = of_templates(data(true, &json!([])), data(true, &open_rule()));
    assert!(matches!(found.ways.as_slice(), [way] if way.public && way.opens), "{:#?}", found.ways);
    assert!(texts(&found)[0].contains("the internet"), "{:?}", texts(&found));
    assert!(found.ways[0].by.iter().any(|it| it.layer == "security group"), "{:#?}", found.ways);
    assert!(found.access.iter().all(|row| row.standing == Standing::Way));
    let gates = [Gate::Public, Gate::Reach(Some("data/D*".to_owned()))];
    let denied = gates::check(&found, &gates, &Policy::default(), day()).denied;
    assert_eq!(denied.len(), 2, "{denied:?}");
    assert!(denied[0].contains("`internet -> data/Db:5432`"), "{denied:?}");
    let allow = |code: &str| Allow {
        code: code.to_owned(),
        what: "data/Db".to_owned(),
        reason: "a test".to_owned(),
        until: day(),
        who: None,
        place: String::new(),
    };
    let policy = Policy { deny: Vec::new(), allow: vec![allow("public"), allow("reach")] };
    assert!(gates::check(&found, &gates, &policy, day()).denied.is_empty());
    let other = [Gate::Reach(Some("other/*".to_owned()))];
    assert!(gates::check(&found, &other, &Policy::default(), day()).denied.is_empty());
}

#[test]
fn instance_class_change_affects_no_path() {
    let mut after = data(true, &open_rule());
    after["Resources"]["Db"]["Properties"]["DBInstanceClass"] = json!("db.r8g.large");
    assert_eq!(texts(&of_templates(data(true, &open_rule()), after)), [""; 0]);
}

#[test]
fn renamed_store_loses_no_path() {
    let before = data(true, &open_rule());
    let mut after = before.clone();
    let resources = after["Resources"].as_object_mut().expect("resources");
    let store = resources.remove("Db").expect("a database");
    resources.insert("Database".to_owned(), store);
    let found = of_templates(before, after);
    assert!(found.changes.iter().any(|it| it.was.is_some()), "{:#?}", found.changes);
    assert_eq!(texts(&found), [""; 0]);
}

#[test]
fn label_change_opens_a_path_without_a_statement() {
    let platform = |role: &str| {
        let web = deployment("web", &json!({ "app": "web", "role": role }));
        objects(vec![web, deployment("db", &json!({ "app": "db" })), only_from("reader")])
    };
    let found = diff(&platform("none"), &platform("reader"));
    assert_eq!(texts(&found), ["+ `shop/web` now reaches `shop/db:8080`"]);
    assert!(found.access.is_empty(), "{:#?}", found.access);
    let denied = gates::check(&found, &[Gate::Access, Gate::Reach(None)], &Policy::default(), day()).denied;
    assert_eq!(denied.len(), 2, "{denied:?}");
    assert_eq!(texts(&diff(&platform("reader"), &platform("none"))), ["- `shop/web` no longer reaches `shop/db:8080`"]);
}

#[test]
fn merges_many_sources_into_one_path() {
    let platform = |is_open: bool| {
        let mut all = vec![deployment("db", &json!({ "app": "db" }))];
        all.extend(
            (0..20).map(|at| deployment(&format!("s{at:02}"), &json!({ "app": format!("s{at}"), "role": "reader" }))),
        );
        all.push(only_from(if is_open { "reader" } else { "nobody" }));
        objects(all)
    };
    let found = diff(&platform(false), &platform(true));
    assert!(matches!(found.ways.as_slice(), [way] if way.pairs.len() == 20), "{:#?}", texts(&found));
    assert!(texts(&found)[0].starts_with("+ 20 sources (`shop/s00`, "), "{:?}", texts(&found));
}

#[test]
fn public_bucket_opens_a_path_and_unused_policy_does_not() {
    let bucket = |statement: Value| {
        json!({ "Resources": {
            "Bucket": { "Type": "AWS::S3::Bucket" },
            "It": { "Type": "AWS::S3::BucketPolicy", "Properties": { "Bucket": { "Ref": "Bucket" }, "PolicyDocument": { "Statement": [statement] } } },
        } })
    };
    let allow = |effect: &str| json!({ "Effect": effect, "Principal": "*", "Action": "s3:GetObject", "Resource": { "Fn::Sub": "${Bucket.Arn}/*" } });
    let found = of_templates(bucket(allow("Deny")), bucket(allow("Allow")));
    assert_eq!(texts(&found), ["+ the internet can now read `data/Bucket`"]);
    assert!(found.ways[0].public);
    let policy = json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "x", "namespace": "shop" },
        "spec": { "podSelector": { "matchLabels": { "app": "nobody" } }, "ingress": [{}] } });
    let web = || deployment("web", &json!({ "app": "web" }));
    let mut closed = policy.clone();
    closed["spec"]["ingress"] = json!([]);
    let found = diff(&objects(vec![web(), closed]), &objects(vec![web(), policy]));
    assert_eq!(texts(&found), [""; 0]);
    assert!(found.access.iter().all(|row| row.standing == Standing::NoWay && !row.public), "{:#?}", found.access);
}

#[test]
fn reports_public_access_of_a_new_platform() {
    let found = diff(&stack(json!({ "Resources": {} })), &stack(data(true, &open_rule())));
    assert!(found.ways.iter().any(|way| way.public && !way.fresh), "{:#?}", texts(&found));
}
