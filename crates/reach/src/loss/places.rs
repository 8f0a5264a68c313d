//! Locations: the zones of subnets, and the effect of a loss on them.

use std::collections::BTreeSet;

use meshsynth_facts as facts;
use meshsynth_facts::resources::{Interfaces, Source};
use serde_json::Value;

use crate::world::{Resource, ResourceId, World, region_of, values};

/// The usual names of the property with the subnets, for types without interfaces in the facts.
const USUAL: [&str; 3] = ["SubnetIds", "Subnets", "SubnetId"];

/// Returns the subnets of a resource as they are written, and the field that specifies them.
pub fn subnets(world: &World, resource: &Resource) -> (Vec<Value>, String) {
    let listed = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let at = |path: &str| values(&resource.properties, path).into_iter().flat_map(listed).collect::<Vec<_>>();
    let (path, mappings, group) = match facts::resource(&resource.type_name).interfaces {
        Some(Interfaces::Own { subnets: Source::Path(path), mappings, .. }) => (path, mappings, ""),
        Some(Interfaces::Own { subnets: Source::Group(group), .. }) => ("", "", group),
        _ => ("", "", ""),
    };
    let usual = if path.is_empty() { USUAL } else { ["", "", ""] };
    for field in [path, mappings].into_iter().chain(usual).filter(|it| !it.is_empty()) {
        let found = at(field);
        if !found.is_empty() {
            let name = if field == mappings { field.split(".*").next().unwrap_or_default() } else { field };
            return (found, name.replace('*', "0"));
        }
    }
    if !group.is_empty() {
        let value = resource.property(group);
        if let Some(id) = world.named_by(value) {
            return (listed(world.resource(id).property("SubnetIds")), group.to_owned());
        }
        if !value.is_null() {
            return (vec![Value::Null], group.to_owned());
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
