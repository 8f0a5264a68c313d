//! Parameters, mappings, conditions and references to other stacks: a change is evaluated at the affected property.

use meshsynth_diff::side::Side;
use meshsynth_diff::{Change, Diff, Verdict};
use serde_json::{Value, json};

use crate::scene::{diff, hazards, only, scene, set};

fn judge(before: Value, after: Value) -> Diff {
    let of = |template: Value| scene(vec![("a", template)], vec![]);
    diff(&of(before), &of(after))
}

#[track_caller]
fn resource<'a>(diff: &'a Diff, id: &str) -> &'a Change {
    diff.changes.iter().find(|change| change.id == id).unwrap_or_else(|| panic!("no `{id}` in {diff:#?}"))
}

#[test]
fn evaluates_a_parameter_at_the_affected_property() {
    let template = |default: Value, user: Value| {
        json!({
            "Parameters": { "Name": { "Type": "String", "Default": default } },
            "Resources": { "Db": { "Type": "AWS::RDS::DBInstance", "Properties": { "DBName": user } } },
        })
    };
    let users = [
        json!({ "Ref": "Name" }),
        json!({ "Fn::Sub": "x-${Name}-${AWS::Region}" }),
        json!({ "Fn::Join": ["-", ["x", { "Ref": "Name" }]] }),
        json!({ "Fn::Select": [0, { "Fn::Split": [",", { "Ref": "Name" }] }] }),
    ];
    for user in users {
        let found = judge(template(json!("a"), user.clone()), template(json!("b"), user.clone()));
        assert_eq!(resource(&found, "Db").verdict, Verdict::DataLoss, "{user}");
        let parameters = found.changes.iter().find(|change| change.kind == "template").unwrap();
        assert_eq!((parameters.verdict, parameters.name.as_str()), (Verdict::InPlace, "Parameters"));
        assert!(parameters.reasons.iter().any(|reason| reason.text.contains("uses the parameter's default")));
    }
    // Replacing the parameter by its default value changes nothing.
    let found = judge(template(json!("a"), json!({ "Ref": "Name" })), template(json!("a"), json!("a")));
    assert!(found.changes.is_empty(), "{found:#?}");
}

#[test]
fn values_known_only_at_deployment_are_no_change() {
    let template = |parameter: Value| {
        json!({
            "Parameters": { "Name": parameter },
            "Resources": { "Db": { "Type": "AWS::RDS::DBInstance", "Properties": { "DBName": { "Ref": "Name" } } } },
        })
    };
    let described = json!({ "Type": "String", "Description": "x" });
    let found = judge(template(json!({ "Type": "String" })), template(described));
    assert_eq!(only(&found).kind, "template");
    let lookup = |name: &str| template(json!({ "Type": "AWS::SSM::Parameter::Value<String>", "Default": name }));
    assert_eq!(resource(&judge(lookup("/a"), lookup("/b")), "Db").verdict, Verdict::DataLoss);
    let secret = |text: &str| template(json!({ "Type": "String", "NoEcho": true, "Default": text }));
    let found = judge(secret("hunter2"), secret("correct-horse"));
    assert_eq!(resource(&found, "Db").verdict, Verdict::DataLoss);
    let said = format!("{found:?}");
    assert!(!said.contains("hunter2") && !said.contains("correct-horse"), "{said}");
}

#[test]
fn evaluates_a_mapping_at_the_affected_property() {
    let template = |name: &str, key: Value| {
        json!({
            "Mappings": { "Names": { "eu-west-1": { "db": name }, "us-east-1": { "db": "other" } } },
            "Resources": { "Db": { "Type": "AWS::RDS::DBInstance", "Properties": {
                "DBName": { "Fn::FindInMap": ["Names", key, "db", { "DefaultValue": "none" }] } } } },
        })
    };
    let region = || json!({ "Ref": "AWS::Region" });
    let found = judge(template("a", region()), template("b", region()));
    assert_eq!(resource(&found, "Db").verdict, Verdict::DataLoss);
    let found = judge(template("a", json!("us-east-1")), template("b", json!("us-east-1")));
    assert_eq!(only(&found).kind, "template", "another region's row feeds nothing here");
    let found = judge(template("a", json!("us-east-1")), template("a", json!("nowhere")));
    assert_eq!(resource(&found, "Db").edits[0].after, Some(json!("none")));
}

#[test]
fn conditions_create_and_delete_resources_and_properties() {
    let template = |stage: &str| {
        json!({
            "Parameters": { "Stage": { "Type": "String", "Default": stage } },
            "Conditions": {
                "IsLive": { "Fn::Or": [{ "Fn::Equals": [{ "Ref": "Stage" }, "live"] }, { "Fn::Equals": ["a", "b"] }] },
                "IsTest": { "Fn::Not": [{ "Condition": "IsLive" }] },
            },
            "Resources": {
                "Orders": { "Type": "AWS::DynamoDB::Table", "Condition": "IsLive", "Properties": { "KeySchema": [] } },
                "Probe": { "Type": "AWS::SQS::Queue", "Condition": "IsTest" },
                "Db": { "Type": "AWS::RDS::DBInstance", "Properties": {
                    "DBName": { "Fn::If": ["IsLive", "live", { "Ref": "AWS::NoValue" }] } } },
            },
            "Outputs": { "Name": { "Condition": "IsLive", "Value": { "Ref": "Orders" }, "Export": { "Name": "orders" } } },
        })
    };
    let found = judge(template("live"), template("test"));
    assert_eq!(resource(&found, "Orders").verdict, Verdict::DataLoss);
    assert_eq!(resource(&found, "Probe").verdict, Verdict::Create);
    let database = resource(&found, "Db");
    assert_eq!((database.verdict, &database.edits[0].after), (Verdict::DataLoss, &None));
    let found = judge(template("test"), template("live"));
    assert_eq!(resource(&found, "Orders").verdict, Verdict::Create);
    // A circular condition, or one with a parameter without a default, has no known value.
    let open = |condition: Value| {
        json!({
            "Parameters": { "Stage": { "Type": "String" } }, "Conditions": { "C": condition },
            "Resources": { "Q": { "Type": "AWS::SQS::Queue", "Condition": "C" } },
        })
    };
    let (one, other) = (open(json!({ "Condition": "C" })), open(json!({ "Fn::Equals": [{ "Ref": "Stage" }, "live"] })));
    assert_eq!(only(&judge(one, other)).kind, "template");
}

#[test]
fn parameters_affect_access_and_engine_versions() {
    let template = |range: &str, version: &str| {
        json!({
            "Parameters": { "Range": { "Type": "String", "Default": range }, "V": { "Type": "String", "Default": version } },
            "Resources": {
                "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "SecurityGroupIngress": [
                    { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": { "Ref": "Range" } }] } },
                "Db": { "Type": "AWS::RDS::DBInstance", "Properties": { "Engine": "postgres", "EngineVersion": { "Ref": "V" } } },
            },
        })
    };
    let found = judge(template("10.0.0.0/8", "16.4"), template("0.0.0.0/0", "17.1"));
    assert!(found.access.iter().any(|access| access.stranger), "{:#?}", found.access);
    assert!(hazards(&found).contains("major upgrade of postgres"), "{}", hazards(&found));
}

/// Returns a platform with two stacks of one name in different regions, and a stack that reads from them.
fn platform(reference: Value) -> Side {
    let network = |range: &str| {
        json!({ "Resources": { "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": range } } },
            "Outputs": { "Id": { "Value": { "Ref": "Vpc" }, "Export": { "Name": "vpc" } } } })
    };
    let group = json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": reference } });
    let stacks = vec![
        ("far", network("10.0.0.0/16")),
        ("near", network("10.1.0.0/16")),
        ("data", json!({ "Resources": { "Group": group } })),
    ];
    let mut side = scene(stacks, vec![]).side();
    side.manifest.stacks[0].name = "shop-near".to_owned();
    side.manifest.stacks[0].region = "us-east-1".to_owned();
    side
}

fn output(more: Value) -> Value {
    let mut inner = json!({ "StackName": "shop-near", "OutputName": "Id" });
    inner.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "Fn::GetStackOutput": inner })
}

#[test]
fn output_of_another_region_or_role_is_a_change() {
    let judge = |before: Value, after: Value| Diff::new(&platform(before), &platform(after)).unwrap();
    let near = || output(json!({}));
    for other in [
        json!({ "Region": "us-east-1" }),
        json!({ "Region": "eu-central-1" }),
        json!({ "RoleArn": "arn:aws:iam::111122223333:role/a" }),
        json!({ "Later": true }),
    ] {
        let found = judge(near(), output(other.clone()));
        assert_eq!(only(&found).verdict, Verdict::Replace, "{other}");
    }
    let role = |name: &str| {
        output(json!({ "RoleArn": { "Fn::Sub": format!("arn:aws:iam::${{AWS::AccountId}}:role/{name}") } }))
    };
    assert_eq!(only(&judge(role("a"), role("b"))).verdict, Verdict::Replace);
    let same = judge(near(), output(json!({ "Region": "eu-west-1" })));
    assert!(same.changes.is_empty(), "its own region is written out: {same:#?}");
    let same = judge(near(), json!({ "Fn::ImportValue": "vpc" }));
    assert!(same.changes.is_empty(), "an export is known in its region: {same:#?}");
}

#[test]
fn replacement_affects_readers_in_its_own_region() {
    let replaced = |id: &str, reference: Value| {
        let base = platform(reference.clone());
        let mut head = platform(reference);
        let path = format!("{id}.template.json");
        let mut template = head.document(&path).clone();
        template["Resources"]["Vpc"]["Properties"]["CidrBlock"] = json!("10.9.0.0/16");
        set(&mut head, &path, template);
        let found = Diff::new(&base, &head).unwrap();
        found.changes.iter().any(|change| change.id == "Group" && change.verdict == Verdict::Replace)
    };
    assert!(replaced("near", output(json!({}))));
    assert!(!replaced("far", output(json!({}))));
    assert!(replaced("far", output(json!({ "Region": "us-east-1" }))));
    assert!(!replaced("near", output(json!({ "Region": "us-east-1" }))));
    assert!(replaced("near", json!({ "Fn::ImportValue": "vpc" })));
    assert!(!replaced("far", json!({ "Fn::ImportValue": "vpc" })));
}

#[test]
fn reports_a_cluster_in_another_account() {
    let of = |account: Option<&str>| {
        let mut side = scene(vec![], vec![]).side();
        side.manifest.clusters[0].account = account.map(str::to_owned);
        side
    };
    let found = Diff::new(&of(Some("111122223333")), &of(Some("444455556666"))).unwrap();
    assert_eq!(only(&found).edits[0].path, "account");
    assert!(Diff::new(&of(None), &of(None)).unwrap().is_empty());
}
