//! Reads platforms into worlds.

use serde_json::json;

use crate::support::{read, world};

#[test]
fn resolves_references_and_keeps_program_lines() {
    let world = read("genai-demo-production");
    assert!(world.unread.is_empty(), "{:?}", world.unread);
    let databases = world.of_type("AWS::RDS::DBInstance");
    assert_eq!(databases.len(), 6);
    let database = world.resource(databases[0]);
    assert!(database.at.source.starts_with("stacks/genai-demo/src/"), "{:?}", database.at);
    let groups = world.all_named_by(&database.properties["VPCSecurityGroups"]);
    assert_eq!(groups.len(), 1, "{}", database.properties);
    assert_eq!(world.workloads_called("order").len(), 1);
    // An import has the value that the other stack exports.
    let subnets = world.resource(world.of_type("AWS::RDS::DBSubnetGroup")[0]);
    assert!(world.all_named_by(&subnets.properties["SubnetIds"]).len() > 1, "{}", subnets.properties);
}

#[test]
fn reads_plain_templates_and_manifests() {
    let template = json!({
        "Parameters": { "Size": { "Type": "String" }, "Block": { "Type": "String", "Default": "10.0.0.0/16" } },
        "Conditions": { "Never": { "Fn::Equals": ["a", "b"] } },
        "Resources": {
            "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": { "Ref": "Block" }, "Name": { "Ref": "Size" } } },
            "Gone": { "Type": "AWS::EC2::VPC", "Condition": "Never" }
        }
    });
    let pods =
        "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: b }\n";
    let world = world(&[("net.json", &template.to_string()), ("pods.yaml", pods)]);
    assert_eq!(world.resources.len(), 1);
    assert_eq!(world.resources[0].properties["CidrBlock"], "10.0.0.0/16");
    assert!(meshsynth_reach::world::is_unknown(&world.resources[0].properties["Name"]));
    let second = &world.clusters[0].objects[1];
    assert_eq!((second.name.as_str(), second.at.to_string().as_str()), ("b", "pods.yaml:5"));
}
