//! Changes that depend on parameters: a condition that is false by default hides neither data loss nor access.

use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Gate, Policy, check};
use meshsynth_diff::{Change, Diff, Verdict};
use serde_json::{Value, json};

use crate::scene::{diff, scene};

fn judge(before: Value, after: Value) -> Diff {
    let of = |template: Value| scene(vec![("a", template)], vec![]);
    diff(&of(before), &of(after))
}

/// Returns a template whose condition `Prod` is true if `Env` is `prod`.
fn template(default: Option<&str>, resources: Value) -> Value {
    let mut env = json!({ "Type": "String" });
    if let Some(default) = default {
        env["Default"] = default.into();
    }
    json!({
        "Parameters": { "Env": env },
        "Conditions": { "Prod": { "Fn::Equals": [{ "Ref": "Env" }, "prod"] } },
        "Resources": resources,
    })
}

fn database(name: &str) -> Value {
    json!({ "Db": {
        "Type": "AWS::RDS::DBInstance", "Condition": "Prod", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete",
        "Properties": { "DBName": name },
    } })
}

/// Returns the denied sentences of one gate.
fn denied(diff: &Diff, gate: Gate) -> Vec<String> {
    check(diff, &[gate], &Policy::default(), Day::parse("2026-11-01").unwrap()).denied
}

/// Returns the only set of parameter values with further differences.
#[track_caller]
fn only(diff: &Diff) -> (&str, &Diff) {
    let [one] = diff.conditional.as_slice() else { panic!("{:#?}", diff.conditional) };
    (&one.condition, &one.diff)
}

#[track_caller]
fn change<'a>(diff: &'a Diff, id: &str) -> &'a Change {
    diff.changes.iter().find(|change| change.id == id).unwrap_or_else(|| panic!("no `{id}` in {diff:#?}"))
}

#[test]
fn reports_data_loss_behind_a_condition_that_is_false_by_default() {
    let old = template(Some("dev"), database("a"));
    for (new, verdict) in [(database("b"), Verdict::DataLoss), (json!({}), Verdict::DataLoss)] {
        let found = judge(old.clone(), template(Some("dev"), new));
        assert!(found.changes.is_empty() && !found.is_empty(), "{found:#?}");
        let (condition, of_prod) = only(&found);
        assert_eq!((condition, change(of_prod, "Db").verdict), ("`Env` is `prod`", verdict));
        let told = denied(&found, Gate::DataLoss);
        assert!(told[0].ends_with("`Db` (if `Env` is `prod`)"), "{told:?}");
    }
}

#[test]
fn reports_public_statements_behind_a_condition_that_is_false_by_default() {
    let policy = |statement: Value| {
        json!({
            "Bucket": { "Type": "AWS::S3::Bucket" },
            "Policy": { "Type": "AWS::S3::BucketPolicy", "Properties": {
                "Bucket": { "Ref": "Bucket" }, "PolicyDocument": { "Statement": [statement] } } },
        })
    };
    let own =
        json!({ "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "s3:GetObject", "Resource": "*" });
    let public = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" });
    let choice = json!({ "Fn::If": ["Prod", public, own] });
    for default in [Some("dev"), None] {
        let found = judge(template(default, policy(own.clone())), template(default, policy(choice.clone())));
        let of_prod = found.conditional.iter().find(|it| it.condition == "`Env` is `prod`").unwrap();
        assert!(of_prod.diff.access.iter().any(|it| it.public), "{:#?}", of_prod.diff);
        assert!(!denied(&found, Gate::Public).is_empty() && !denied(&found, Gate::Access).is_empty());
    }
    let whole = |statement: &Value| {
        let mut whole = policy(statement.clone());
        whole["Policy"]["Condition"] = "Prod".into();
        template(Some("dev"), whole)
    };
    let found = judge(whole(&own), whole(&public));
    assert!(found.access.is_empty() && only(&found).1.access.iter().any(|it| it.public), "{found:#?}");
}

#[test]
fn reports_open_ports_in_an_unselected_branch() {
    let group = |range: Value| {
        json!({ "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupDescription": "x", "SecurityGroupIngress": [
            { "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": range }] } } })
    };
    let branch = |range: &str| template(Some("dev"), group(json!({ "Fn::If": ["Prod", range, "10.0.0.0/8"] })));
    let found = judge(branch("10.1.0.0/16"), branch("0.0.0.0/0"));
    let (condition, of_prod) = only(&found);
    assert_eq!(condition, "`Env` is `prod`");
    assert!(of_prod.access.iter().any(|it| it.stranger), "{of_prod:#?}");
}

#[test]
fn reports_changed_conditions_and_mappings_for_other_values() {
    let with = |condition: Value| {
        let mut template = template(Some("dev"), database("a"));
        template["Conditions"]["Prod"] = condition;
        template
    };
    let prod = json!({ "Fn::Equals": [{ "Ref": "Env" }, "prod"] });
    let found = judge(with(prod), with(json!({ "Fn::Equals": [{ "Ref": "Env" }, "live"] })));
    let told: Vec<(&str, Verdict)> =
        found.conditional.iter().map(|it| (it.condition.as_str(), change(&it.diff, "Db").verdict)).collect();
    assert_eq!(told, [("`Env` is `live`", Verdict::Create), ("`Env` is `prod`", Verdict::DataLoss)]);
    let mapped = |name: &str| {
        let mut template = template(Some("dev"), json!({}));
        template["Mappings"] = json!({ "Names": { "dev": { "db": "a" }, "prod": { "db": name } } });
        let name = json!({ "Fn::FindInMap": ["Names", { "Ref": "Env" }, "db"] });
        template["Resources"]["Db"] = json!({ "Type": "AWS::RDS::DBInstance", "Properties": { "DBName": name } });
        template
    };
    let found = judge(mapped("b"), mapped("c"));
    assert_eq!(change(only(&found).1, "Db").verdict, Verdict::DataLoss);
}

#[test]
fn reports_only_differences_that_the_defaults_do_not_have() {
    let queue = |seconds: u32| json!({ "Q": { "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": seconds } } });
    let both = |seconds: u32, name: &str| {
        let mut all = queue(seconds);
        all["Other"] = json!({ "Type": "AWS::SQS::Queue", "Condition": "Prod", "Properties": { "QueueName": name } });
        template(Some("dev"), all)
    };
    let found = judge(both(1, "a"), both(2, "b"));
    assert_eq!((found.changes.len(), change(&found, "Q").verdict), (1, Verdict::InPlace));
    let of_prod = only(&found).1;
    assert_eq!(of_prod.changes.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["Other"]);
    // An unchanged conditional resource is no difference.
    assert!(judge(both(1, "a"), both(2, "a")).conditional.is_empty());
    // If the condition of a resource has no known value, the resource is compared as written, and only once.
    let found = judge(template(None, database("a")), template(None, database("b")));
    assert_eq!(change(&found, "Db").verdict, Verdict::DataLoss);
    assert!(found.conditional.is_empty(), "{:#?}", found.conditional);
}

#[test]
fn reports_combinations_that_only_several_parameters_select() {
    let of = |name: &str| {
        json!({
            "Parameters": { "Env": { "Type": "String", "Default": "dev" }, "Copy": { "Type": "String", "Default": "no", "AllowedValues": ["yes", "no"] } },
            "Conditions": {
                "Prod": { "Fn::Equals": [{ "Ref": "Env" }, "prod"] },
                "Both": { "Fn::And": [{ "Condition": "Prod" }, { "Fn::Equals": [{ "Ref": "Copy" }, "yes"] }] },
            },
            "Resources": { "Db": { "Type": "AWS::RDS::DBInstance", "Condition": "Both", "Properties": { "DBName": name } } },
        })
    };
    assert_eq!(only(&judge(of("a"), of("b"))).0, "`Copy` is `yes` and `Env` is `prod`");
}

#[test]
fn too_many_combinations_are_not_compared_and_close_gates() {
    let of = |name: &str| {
        let mut all = json!({ "Parameters": {}, "Conditions": {}, "Resources": {} });
        let mut operands = Vec::new();
        for at in 0..10 {
            all["Parameters"][format!("P{at}")] = json!({ "Type": "String", "Default": "no" });
            operands.push(json!({ "Fn::Equals": [{ "Ref": format!("P{at}") }, "yes"] }));
        }
        all["Conditions"]["All"] = json!({ "Fn::And": operands });
        all["Resources"]["Db"] =
            json!({ "Type": "AWS::RDS::DBInstance", "Condition": "All", "Properties": { "DBName": name } });
        all
    };
    let found = judge(of("a"), of("b"));
    assert_eq!(
        found.unread,
        ["resource `Db` of stack `a`: the conditions depend on too many combinations of parameter values"]
    );
    assert!(!denied(&found, Gate::DataLoss).is_empty());
}

#[test]
fn hidden_and_stored_values_decide_no_condition_by_their_texts() {
    let of = |parameter: Value, name: &str| {
        let mut template = template(None, database(name));
        template["Parameters"]["Env"] = parameter;
        template
    };
    let secret = || json!({ "Type": "String", "NoEcho": true, "Default": "prod" });
    assert_eq!(change(&judge(of(secret(), "a"), of(secret(), "b")), "Db").verdict, Verdict::DataLoss);
    let stored = || json!({ "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/env" });
    assert_eq!(change(&judge(of(stored(), "a"), of(stored(), "b")), "Db").verdict, Verdict::DataLoss);
}
