//! Locations: the zones of subnets, and the effect of a loss on them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::{Resource, ResourceId, World, region_of};

/// The properties that specify one or several subnets.
const SUBNETS: [&str; 13] = [
    "SubnetIds",
    "Subnets",
    "SubnetId",
    "VpcConfig.SubnetIds",
    "VpcConfig.Subnets",
    "VpcConfigs.0.SubnetIds",
    "VpcConfigurations.0.SubnetIds",
    "BrokerNodeGroupInfo.ClientSubnets",
    "ResourcesVpcConfig.SubnetIds",
    "VPCOptions.SubnetIds",
    "VPCZoneIdentifier",
    "NetworkConfiguration.AwsvpcConfiguration.Subnets",
    "NetworkConfiguration.SubnetIds",
];

/// The properties that specify a subnet group.
const GROUPS: [&str; 4] = ["DBSubnetGroupName", "CacheSubnetGroupName", "SubnetGroupName", "ClusterSubnetGroupName"];

/// Returns the subnets of a resource as they are written, and the field that specifies them.
pub fn subnets(world: &World, resource: &Resource) -> (Vec<Value>, String) {
    let listed = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    for field in SUBNETS {
        let found = listed(resource.property(field));
        if !found.is_empty() {
            return (found, field.to_owned());
        }
    }
    let mappings = resource.property("SubnetMappings").as_array().into_iter().flatten();
    let mapped: Vec<Value> = mappings.map(|it| it["SubnetId"].clone()).collect();
    if !mapped.is_empty() {
        return (mapped, "SubnetMappings".to_owned());
    }
    for field in GROUPS {
        let group = resource.property(field);
        if let Some(id) = world.named_by(group) {
            return (listed(world.resource(id).property("SubnetIds")), field.to_owned());
        }
        if !group.is_null() {
            return (vec![Value::Null], field.to_owned());
        }
    }
    (Vec::new(), String::new())
}

/// Returns the zone of a subnet, or `None` if the files do not specify it.
pub fn zone(world: &World, subnet: &Value) -> Option<String> {
    let subnet = world.resource(world.named_by(subnet)?);
    let zone = subnet.property("AvailabilityZone").as_str()?;
    (!zone.contains("${")).then(|| zone.to_owned())
}

/// Returns every zone in use.
pub fn zones(world: &World) -> BTreeSet<String> {
    let subnets = world.of_type("AWS::EC2::Subnet").iter();
    let of_subnets = subnets.filter_map(|id| world.resource(*id).property("AvailabilityZone").as_str());
    let of_others = world.resources.iter().filter_map(|it| it.property("AvailabilityZone").as_str());
    of_subnets.chain(of_others).filter(|it| !it.contains("${")).map(str::to_owned).collect()
}

/// Returns every region in use.
pub fn regions(world: &World) -> BTreeSet<String> {
    let of_stacks = world.stacks.iter().map(|it| it.region.clone());
    let of_clusters = world.clusters.iter().map(|it| it.region.clone());
    let of_zones = zones(world).into_iter().filter_map(|it| region_of(&it).map(str::to_owned));
    let of_nodes = world.nodes.iter().map(|it| it.region.clone());
    of_stacks.chain(of_clusters).chain(of_zones).chain(of_nodes).filter(|it| !it.is_empty()).collect()
}

/// Returns the region of a resource; empty if it is unknown.
pub fn region(world: &World, id: ResourceId) -> String {
    let region = world.place(id).region.clone();
    if !region.is_empty() {
        return region;
    }
    let (subnets, _) = subnets(world, world.resource(id));
    let zone = subnets.iter().find_map(|it| zone(world, it));
    zone.and_then(|it| region_of(&it).map(str::to_owned)).unwrap_or_default()
}
