//! Attributes that change with each update, and update policies that decide about running instances.

use meshsynth_diff::{Change, Diff, Interruption, Verdict};
use serde_json::{Value, json};

use crate::gates::denied;
use crate::scene::{diff, scene};

fn of(before: Value, after: Value) -> Diff {
    let side = |resources: Value| scene(vec![("a", json!({ "Resources": resources }))], vec![]);
    diff(&side(before), &side(after))
}

#[track_caller]
fn change<'a>(diff: &'a Diff, id: &str) -> &'a Change {
    diff.changes.iter().find(|it| it.id == id).unwrap_or_else(|| panic!("no change of {id}: {:#?}", diff.changes))
}

fn template(class: &str) -> Value {
    json!({ "Type": "AWS::EC2::LaunchTemplate", "Properties": { "LaunchTemplateData": { "InstanceType": class } } })
}

fn reference(attribute: &str) -> Value {
    json!({ "LaunchTemplateId": { "Ref": "It" }, "Version": { "Fn::GetAtt": ["It", attribute] } })
}

#[test]
fn changed_launch_template_replaces_the_nodes() {
    for attribute in ["LatestVersionNumber", "DefaultVersionNumber"] {
        let with = |class: &str| {
            let (id, version) = (json!({ "Ref": "It" }), json!({ "Fn::Sub": format!("${{It.{attribute}}}") }));
            json!({ "It": template(class), "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": {
                "ClusterName": "c", "LaunchTemplate": { "Id": id, "Version": version } } } })
        };
        let found = of(with("m7g.large"), with("m7g.xlarge"));
        let nodes = change(&found, "Nodes");
        assert_eq!((nodes.verdict, nodes.interrupts), (Verdict::Interruption, Some(Interruption::Restart)));
        assert!(denied(&found, "interruption").contains("`Nodes`"));
    }
}

#[test]
fn tags_of_a_launch_template_create_no_version() {
    let with = |team: &str| {
        let mut it = template("m7g.large");
        it["Properties"]["TagSpecifications"] =
            json!([{ "ResourceType": "launch-template", "Tags": [{ "Key": "team", "Value": team }] }]);
        json!({ "It": it, "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": { "LaunchTemplate": {
            "Id": { "Ref": "It" }, "Version": { "Fn::GetAtt": "It.LatestVersionNumber" } } } } })
    };
    assert_eq!(of(with("a"), with("b")).changes.len(), 1);
}

#[test]
fn update_policy_decides_about_the_instances_of_a_group() {
    let group = |class: &str, policy: Value| {
        json!({ "It": template(class), "Group": { "Type": "AWS::AutoScaling::AutoScalingGroup", "UpdatePolicy": policy,
            "Properties": { "MaxSize": "2", "MinSize": "1", "LaunchTemplate": reference("LatestVersionNumber") } } })
    };
    for (policy, verdict) in [
        (json!({ "AutoScalingReplacingUpdate": { "WillReplace": true } }), Verdict::Replace),
        (json!({ "AutoScalingRollingUpdate": { "MaxBatchSize": 1 } }), Verdict::Interruption),
        (json!({}), Verdict::InPlace),
    ] {
        let found = of(group("m7g.large", policy.clone()), group("m7g.xlarge", policy));
        assert_eq!(change(&found, "Group").verdict, verdict, "{:?}", change(&found, "Group").reasons);
    }
    // The same applies to a version in the template itself.
    let version = |version: &str| {
        json!({ "Group": { "Type": "AWS::AutoScaling::AutoScalingGroup", "UpdatePolicy": { "AutoScalingRollingUpdate": {} },
            "Properties": { "LaunchTemplate": { "LaunchTemplateId": "lt-1", "Version": version } } } })
    };
    assert_eq!(change(&of(version("1"), version("2")), "Group").verdict, Verdict::Interruption);
}

#[test]
fn changed_broker_configuration_restarts_the_brokers() {
    let msk = |text: &str| {
        let revision = json!({ "Fn::GetAtt": ["It", "LatestRevision.Revision"] });
        json!({ "It": { "Type": "AWS::MSK::Configuration", "Properties": { "Name": "it", "ServerProperties": text } },
            "Brokers": { "Type": "AWS::MSK::Cluster", "Properties": { "ConfigurationInfo": { "Arn": { "Ref": "It" }, "Revision": revision } } } })
    };
    let found = of(msk("num.partitions=1"), msk("num.partitions=2"));
    assert_eq!(change(&found, "Brokers").verdict, Verdict::Interruption);
}

#[test]
fn revision_is_followed_through_other_resources_and_stacks() {
    let network = |name: &str| {
        json!({ "Resources": {
            "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "GroupName": name, "GroupDescription": "d" } },
            "It": { "Type": "AWS::EC2::LaunchTemplate", "Properties": { "LaunchTemplateData": { "SecurityGroupIds": [{ "Ref": "Group" }] } } } },
            "Outputs": { "V": { "Value": { "Fn::GetAtt": ["It", "LatestVersionNumber"] }, "Export": { "Name": "net:V" } } } })
    };
    let nodes = json!({ "Resources": { "Nodes": { "Type": "AWS::EKS::Nodegroup", "Properties": {
        "LaunchTemplate": { "Id": "lt-1", "Version": { "Fn::ImportValue": "net:V" } } } } } });
    let side = |name: &str| scene(vec![("net", network(name)), ("nodes", nodes.clone())], vec![]);
    let found = diff(&side("a"), &side("b"));
    assert_eq!(change(&found, "Nodes").verdict, Verdict::Interruption);
}

#[test]
fn domain_version_depends_on_its_update_policy() {
    let domain = |version: &str, policy: Value| {
        json!({ "It": { "Type": "AWS::OpenSearchService::Domain", "UpdatePolicy": policy, "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain", "Properties": { "EngineVersion": version } } })
    };
    let of = |policy: Value| of(domain("OpenSearch_2.11", policy.clone()), domain("OpenSearch_2.13", policy));
    assert_eq!(change(&of(json!({ "EnableVersionUpgrade": true })), "It").verdict, Verdict::Interruption);
    assert_eq!(change(&of(Value::Null), "It").verdict, Verdict::Replace);
}

#[test]
fn disabled_resources_are_interruptions() {
    for (type_name, before, after) in [
        (
            "AWS::Lambda::Function",
            json!({ "ReservedConcurrentExecutions": 5 }),
            json!({ "ReservedConcurrentExecutions": 0 }),
        ),
        ("AWS::Lambda::Function", json!({}), json!({ "ReservedConcurrentExecutions": "0" })),
        ("AWS::Lambda::EventSourceMapping", json!({ "Enabled": true }), json!({ "Enabled": false })),
        ("AWS::ECS::Service", json!({ "DesiredCount": 2 }), json!({ "DesiredCount": 0 })),
        ("AWS::Events::Rule", json!({}), json!({ "State": "DISABLED" })),
        (
            "AWS::CloudFront::Distribution",
            json!({ "DistributionConfig": { "Enabled": true } }),
            json!({ "DistributionConfig": { "Enabled": false } }),
        ),
    ] {
        let with = |properties: Value| json!({ "It": { "Type": type_name, "Properties": properties } });
        let found = of(with(before.clone()), with(after.clone()));
        assert_eq!(change(&found, "It").interrupts, Some(Interruption::Disabled), "{type_name}");
        assert!(denied(&found, "interruption").contains("it is disabled"), "{type_name}");
        assert_eq!(change(&of(with(after), with(before)), "It").interrupts, None, "{type_name}");
    }
}
