//! Changes in networks that the files do not contain: an undecided answer is never reported as no effect.

use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{self, Gate, Policy};
use meshsynth_diff::{Diff, Standing};
use serde_json::{Value, json};

use crate::scene::{diff, scene};

fn of(before: Value, after: Value) -> Diff {
    let side = |resources: Value| scene(vec![("data", json!({ "Resources": resources }))], vec![]);
    diff(&side(before), &side(after))
}

#[track_caller]
fn denied(diff: &Diff, gate: Gate) -> String {
    let found = gates::check(diff, &[gate], &Policy::default(), Day::parse("2026-01-01").expect("a day"));
    found.denied.join("\n")
}

/// Verifies that a gate denies the change because an answer is unknown.
#[track_caller]
fn assert_undecided(name: &str, diff: &Diff, gate: Gate) {
    let text = denied(diff, gate.clone());
    assert!(text.contains("cannot be decided"), "{name}: {gate}: {text}: {:#?} {:#?}", diff.ways, diff.access);
}

fn rule(block: &str) -> Value {
    json!([{ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": block }])
}

fn group(rules: Value) -> Value {
    json!({ "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": "vpc-1", "SecurityGroupIngress": rules } })
}

/// Returns members of a security group in an existing VPC.
fn members() -> Vec<(&'static str, Value)> {
    let groups = json!([{ "Fn::GetAtt": ["Group", "GroupId"] }]);
    let db = |subnets: Value| {
        json!({ "Type": "AWS::RDS::DBInstance", "Properties": {
            "Engine": "postgres", "DBInstanceClass": "db.t4g.medium", "DBSubnetGroupName": subnets,
            "VPCSecurityGroups": groups } })
    };
    let subnets = json!({ "Type": "AWS::RDS::DBSubnetGroup", "Properties": { "SubnetIds": ["subnet-1", "subnet-2"] } });
    vec![
        ("a subnet group by name", json!({ "Db": db(json!("existing")) })),
        ("subnets by id", json!({ "Subnets": subnets, "Db": db(json!({ "Ref": "Subnets" })) })),
        ("a public database", {
            let mut db = db(json!("existing"));
            db["Properties"]["PubliclyAccessible"] = json!(true);
            json!({ "Db": db })
        }),
        (
            "an instance",
            json!({ "Server": { "Type": "AWS::EC2::Instance", "Properties": {
            "SubnetId": "subnet-1", "ImageId": "ami-1", "SecurityGroupIds": groups } } }),
        ),
        (
            "a load balancer",
            json!({ "Balancer": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {
            "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": groups } },
            "Listener": { "Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {
                "LoadBalancerArn": { "Ref": "Balancer" }, "Port": 5432, "Protocol": "TCP", "DefaultActions": [] } } }),
        ),
        (
            "a cluster of brokers",
            json!({ "Brokers": { "Type": "AWS::MSK::Cluster", "Properties": {
            "BrokerNodeGroupInfo": { "ClientSubnets": ["subnet-1"], "SecurityGroups": groups, "InstanceType": "kafka.m5.large" } } } }),
        ),
        (
            "a cache",
            json!({ "Cache": { "Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {
            "CacheSubnetGroupName": "existing", "SecurityGroupIds": groups, "Engine": "redis" } } }),
        ),
        (
            "subnets of another stack",
            json!({ "Server": { "Type": "AWS::EC2::Instance", "Properties": {
            "SubnetId": { "Fn::ImportValue": "network:Subnet" }, "ImageId": "ami-1", "SecurityGroupIds": groups } } }),
        ),
        ("no member", json!({})),
    ]
}

#[test]
fn opened_group_in_an_existing_network_is_denied_with_a_reason() {
    for (name, resources) in members() {
        let with = |rules: Value| {
            let mut resources = resources.clone();
            resources["Group"] = group(rules);
            resources
        };
        for (before, after) in [(json!([]), "0.0.0.0/0"), (rule("10.0.0.0/8"), "0.0.0.0/0"), (json!([]), "10.0.0.0/8")]
        {
            let found = of(with(before), with(rule(after)));
            assert!(found.access.iter().all(|row| row.standing != Standing::NoWay), "{name}: {:#?}", found.access);
            for gate in [Gate::Access, Gate::Reach(None)] {
                assert_undecided(&format!("{name} {after}"), &found, gate);
            }
            let is_private = ["a cluster of brokers", "a cache"].contains(&name) || after != "0.0.0.0/0";
            match is_private {
                true => assert_eq!(denied(&found, Gate::Public), "", "{name}"),
                false => assert_undecided(name, &found, Gate::Public),
            }
        }
    }
}

#[test]
fn closed_group_in_an_existing_network_is_not_denied() {
    for (name, resources) in members() {
        let with = |rules: Value| {
            let mut resources = resources.clone();
            resources["Group"] = group(rules);
            resources
        };
        let found = of(with(rule("0.0.0.0/0")), with(json!([])));
        for gate in [Gate::Access, Gate::Public, Gate::Reach(None)] {
            assert_eq!(denied(&found, gate), "", "{name}: {:#?}", found.ways);
        }
    }
}

#[test]
fn rule_of_an_existing_group_is_denied_with_a_reason() {
    let with = |block: &str| {
        json!({ "Rule": { "Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
            "GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": block } } })
    };
    let found = of(with("10.0.0.0/16"), with("0.0.0.0/0"));
    for gate in [Gate::Access, Gate::Public, Gate::Reach(None)] {
        assert_undecided("a rule", &found, gate);
    }
}

#[test]
fn other_existing_subnets_or_groups_may_be_wider() {
    let server = |subnet: &str, group: &str| {
        json!({ "Server": { "Type": "AWS::RDS::DBInstance", "Properties": { "Engine": "postgres",
            "DBSubnetGroupName": subnet, "VPCSecurityGroups": [group] } } })
    };
    for (subnet, group) in [("public", "sg-1"), ("private", "sg-2")] {
        let found = of(server("private", "sg-1"), server(subnet, group));
        for gate in [Gate::Access, Gate::Public, Gate::Reach(None)] {
            assert_undecided(&format!("{subnet} {group}"), &found, gate);
        }
    }
}

#[test]
fn subnet_of_an_existing_vpc_is_an_existing_network() {
    let with = |rules: Value| {
        json!({
            "A": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24" } },
            "Cache": { "Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {
                "CacheSubnetGroupName": { "Ref": "Subnets" }, "SecurityGroupIds": [{ "Fn::GetAtt": ["Group", "GroupId"] }] } },
            "Subnets": { "Type": "AWS::ElastiCache::SubnetGroup", "Properties": { "SubnetIds": [{ "Ref": "A" }] } },
            "Group": group(rules),
        })
    };
    assert_undecided("a cache", &of(with(json!([])), with(rule("0.0.0.0/0"))), Gate::Reach(None));
}
