//! Conditions and parameters without values: an answer is certain only if all values agree.

use meshsynth_reach::world::Files;
use meshsynth_reach::{Answer, Engine, Verdict, World, find};
use serde_json::{Value, json};

use crate::support::world;

/// Returns a template with a public instance and a database, to which a test adds parameters, conditions and
/// properties.
fn template(add: Value) -> Value {
    let mut template = json!({ "Resources": {
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" } },
        "Gateway": { "Type": "AWS::EC2::InternetGateway" },
        "Table": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "Association": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": { "SubnetId": { "Ref": "Subnet" }, "RouteTableId": { "Ref": "Table" } } },
        "Route": { "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "Table" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": "Gateway" } } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc" }, "GroupDescription": "x" } },
        "Instance": { "Type": "AWS::EC2::Instance", "Properties": {
            "NetworkInterfaces": [{ "DeviceIndex": "0", "SubnetId": { "Ref": "Subnet" }, "AssociatePublicIpAddress": true, "GroupSet": [{ "Ref": "Group" }] }],
        } },
        "Rule": { "Type": "AWS::EC2::SecurityGroupIngress", "Properties": { "GroupId": { "Ref": "Group" }, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0" } },
    } });
    merge(&mut template, add);
    template
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            from.into_iter().for_each(|(key, value)| merge(into.entry(key).or_insert(Value::Null), value));
        }
        (into, from) => *into = from,
    }
}

fn ask_in(world: &World, target: &str) -> Answer {
    let (source, target) = (find::sources(world, "internet").unwrap(), find::targets(world, target, None).unwrap());
    Engine::new(world).ask(&source[0], &target[0])
}

fn ask(add: Value) -> Answer {
    ask_in(&world(&[("shop.json", &template(add).to_string())]), "Instance:22")
}

fn prod() -> Value {
    json!({ "Fn::Equals": [{ "Ref": "Env" }, "prod"] })
}

#[test]
fn rule_with_an_undecided_condition_is_unknown_and_names_the_parameter() {
    let answer = ask(json!({
        "Parameters": { "Env": { "Type": "String" } },
        "Conditions": { "Prod": prod() },
        "Resources": { "Rule": { "Condition": "Prod" } },
    }));
    assert_eq!(answer.verdict, Verdict::Unknown);
    let why: Vec<&str> = answer.deciding().map(|it| it.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "allowed if `Env` of stack `shop` is `prod`; denied if `Env` of stack `shop` has another value (no rule of EC2::SecurityGroup shop/Group allows TCP 22 in)"
        ]
    );
}

#[test]
fn both_branches_of_fn_if_are_evaluated() {
    let block = |yes: &str, no: &str| {
        ask(json!({
            "Parameters": { "Env": { "Type": "String", "AllowedValues": ["dev", "prod"] } },
            "Conditions": { "Prod": prod() },
            "Resources": { "Rule": { "Properties": { "CidrIp": { "Fn::If": ["Prod", yes, no] } } } },
        }))
        .verdict
    };
    assert_eq!(block("0.0.0.0/0", "0.0.0.0/0"), Verdict::Allowed);
    assert_eq!(block("0.0.0.0/0", "10.0.0.0/8"), Verdict::Unknown);
    assert_eq!(block("10.0.0.0/8", "0.0.0.0/0"), Verdict::Unknown);
    assert_eq!(block("10.0.0.0/8", "10.1.0.0/16"), Verdict::Denied);
}

#[test]
fn mappings_are_evaluated_for_each_allowed_value() {
    let answer = ask(json!({
        "Parameters": { "Env": { "Type": "String", "AllowedValues": ["dev", "prod"] } },
        "Mappings": { "Blocks": { "dev": { "Cidr": "0.0.0.0/0" }, "prod": { "Cidr": "10.0.0.0/8" } } },
        "Conditions": { "Prod": prod() },
        "Resources": { "Rule": { "Properties": { "CidrIp": { "Fn::If": [
            "Prod", { "Fn::FindInMap": ["Blocks", { "Ref": "Env" }, "Cidr"] }, "10.0.0.0/8",
        ] } } } },
    }));
    assert_eq!(answer.verdict, Verdict::Denied);
}

#[test]
fn conditions_that_exclude_each_other_are_consistent() {
    // For each value of `Env`, exactly one of the two rules exists.
    let answer = ask(json!({
        "Parameters": { "Env": { "Type": "String" } },
        "Conditions": { "Prod": prod(), "Other": { "Fn::Not": [{ "Condition": "Prod" }] } },
        "Resources": {
            "Rule": { "Condition": "Prod" },
            "Second": { "Type": "AWS::EC2::SecurityGroupIngress", "Condition": "Other", "Properties": {
                "GroupId": { "Ref": "Group" }, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0",
            } },
        },
    }));
    assert_eq!(answer.verdict, Verdict::Allowed);
}

#[test]
fn conditions_on_pseudo_parameters_are_undecided() {
    let answer = ask(json!({
        "Conditions": { "Ireland": { "Fn::Equals": [{ "Ref": "AWS::Region" }, "eu-west-1"] } },
        "Resources": { "Rule": { "Condition": "Ireland" } },
    }));
    assert_eq!(answer.verdict, Verdict::Unknown);
}

#[test]
fn conditions_on_parts_of_values_are_undecided() {
    let part = json!({ "Fn::Select": [0, { "Fn::Split": ["-", { "Ref": "Env" }] }] });
    let answer = ask(json!({
        "Parameters": { "Env": { "Type": "String" } },
        "Conditions": { "Prod": { "Fn::Equals": [part, "prod"] } },
        "Resources": { "Rule": { "Condition": "Prod" } },
    }));
    assert_eq!(answer.verdict, Verdict::Unknown);
}

#[test]
fn booleans_in_conditions_are_compared_as_text() {
    let answer = ask(json!({
        "Parameters": { "IsOpen": { "Type": "String", "Default": "true" } },
        "Conditions": { "Open": { "Fn::Equals": [{ "Ref": "IsOpen" }, true] } },
        "Resources": { "Rule": { "Condition": "Open" } },
    }));
    assert_eq!(answer.verdict, Verdict::Allowed);
}

#[test]
fn returns_unknown_for_too_many_condition_combinations() {
    let mut add = json!({ "Parameters": {}, "Conditions": {}, "Resources": { "Rule": {} } });
    let mut all = Vec::new();
    for at in 0..6 {
        add["Parameters"][format!("P{at}")] = json!({ "Type": "String" });
        add["Conditions"][format!("C{at}")] = json!({ "Fn::Equals": [{ "Ref": format!("P{at}") }, "a"] });
        all.push(json!({ "Condition": format!("C{at}") }));
    }
    add["Conditions"]["All"] = json!({ "Fn::And": all });
    add["Resources"]["Rule"]["Condition"] = "All".into();
    let answer = ask(add);
    assert_eq!(answer.verdict, Verdict::Unknown);
    assert!(answer.deciding().any(|it| it.why.contains("too many combinations")));
}

#[test]
fn rules_with_open_ports_name_their_parameter() {
    let answer = ask(json!({
        "Parameters": { "Port": { "Type": "Number" } },
        "Resources": { "Rule": { "Properties": { "FromPort": { "Ref": "Port" }, "ToPort": { "Ref": "Port" } } } },
    }));
    assert_eq!(answer.verdict, Verdict::Unknown);
    let why: Vec<&str> = answer.deciding().map(|it| it.why.as_str()).collect();
    let expected =
        "allows TCP 22 in: 0.0.0.0/0; the deployment determines `FromPort` (`shop/Port`) and `ToPort` (`shop/Port`)";
    assert_eq!(why, [expected]);
}

#[test]
fn stored_and_dynamic_values_are_unknown() {
    let block = |value: Value, parameter: Value| {
        ask(json!({
            "Parameters": { "Block": parameter },
            "Resources": { "Rule": { "Properties": { "CidrIp": value } } },
        }))
        .verdict
    };
    let stored = json!({ "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/block" });
    assert_eq!(block(json!({ "Ref": "Block" }), stored), Verdict::Unknown);
    assert_eq!(block(json!("{{resolve:ssm:/block}}"), json!({ "Type": "String" })), Verdict::Unknown);
    assert_eq!(block(json!({ "Ref": "Block" }), json!({ "Type": "String", "Default": "10.0.0.0/8" })), Verdict::Denied);
}

#[test]
fn rules_for_the_group_of_a_parameter_are_unknown() {
    let own = template(json!({ "Resources": { "Rule": { "Properties": { "CidrIp": "10.0.0.0/8" } } } }));
    let other = |block: &str| {
        json!({
            "Parameters": { "Group": { "Type": "AWS::EC2::SecurityGroup::Id" } },
            "Resources": { "Rule": { "Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
                "GroupId": { "Ref": "Group" }, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": block } } },
        })
        .to_string()
    };
    let verdict = |block: &str| {
        ask_in(&world(&[("shop.json", &own.to_string()), ("rules.json", &other(block))]), "shop/Instance:22").verdict
    };
    assert_eq!(verdict("0.0.0.0/0"), Verdict::Unknown);
    assert_eq!(verdict("192.168.0.0/16"), Verdict::Denied);
}

#[test]
fn denials_of_templates_with_generated_resources_are_unknown() {
    let verdict = |add: Value| {
        let mut template = template(add);
        template["Resources"].as_object_mut().unwrap().remove("Rule");
        let mut files = Files::default();
        files.add_text("shop.json", &template.to_string());
        ask_in(&World::of(&files), "Instance:22").verdict
    };
    let each = json!({ "Fn::ForEach::Rules": ["Name", ["a"], {}] });
    assert_eq!(verdict(json!({})), Verdict::Denied);
    assert_eq!(verdict(json!({ "Transform": "AWS::LanguageExtensions" })), Verdict::Denied);
    assert_eq!(verdict(json!({ "Transform": "AWS::LanguageExtensions", "Resources": each })), Verdict::Unknown);
    assert_eq!(verdict(json!({ "Transform": ["OpenPorts"] })), Verdict::Unknown);
    let include = json!({ "Fn::Transform": { "Name": "AWS::Include" } });
    assert_eq!(verdict(json!({ "Resources": include })), Verdict::Unknown);
}
