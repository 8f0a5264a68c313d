//! Single instances, and instances of an Auto Scaling group with their launch template or configuration.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html>.

use serde_json::Value;

use super::address::spans;
use super::group_key::group_key;
use super::interface::{Interface, flag};
use super::ipv6;
use crate::world::{Resource, ResourceId, World, is_unknown};

/// Whether a type creates instances.
pub fn is_made(type_name: &str) -> bool {
    matches!(type_name, "AWS::EC2::Instance" | "AWS::AutoScaling::AutoScalingGroup")
}

/// Returns the interface of an instance, or of each instance of a group. `separate` returns the interface of a
/// network interface that is a resource.
pub fn interface(world: &World, id: ResourceId, separate: &dyn Fn(ResourceId) -> Option<Interface>) -> Interface {
    let resource = world.resource(id);
    let launched = launched(world, id);
    let own = |key: &str| resource.properties.get(key).filter(|it| !it.is_null());
    // The properties of an instance override its template.
    let said = |key: &str| own(key).or_else(|| launched.and_then(|it| it.1.get(key))).unwrap_or(&Value::Null);
    let first = &said("NetworkInterfaces")[0];
    let (groups, field) = [
        (said("SecurityGroupIds"), "SecurityGroupIds"),
        (&first["GroupSet"], "NetworkInterfaces[0].GroupSet"),
        (&first["Groups"], "NetworkInterfaces[0].Groups"),
        (said("SecurityGroups"), "SecurityGroups"),
    ]
    .into_iter()
    .find(|(value, _)| !value.is_null())
    .unwrap_or((&Value::Null, "SecurityGroupIds"));
    // An interface that is a separate resource has its own subnet, groups and addresses.
    let attached = all_attached(world, said("NetworkInterfaces"), separate);
    let mut subnets = world.all_named_by(said("SubnetId"));
    subnets.extend(world.all_named_by(&first["SubnetId"]));
    subnets.extend(world.all_named_by(resource.property("VPCZoneIdentifier")));
    subnets.extend(attached.iter().flat_map(|it| it.subnets.iter().copied()));
    let title = resource.title();
    let interfaces = said("NetworkInterfaces").as_array().map_or(&[][..], Vec::as_slice);
    let template = launched.map_or(&Value::Null, |it| it.1);
    let holders: Vec<&Value> = [&resource.properties, template].into_iter().chain(interfaces).collect();
    let by_interface = ipv6::any(attached.iter().map(|it| it.v6));
    let v6 = match by_interface {
        Some(false) => ipv6::of_resource(world, resource, &holders, &subnets),
        other => other,
    };
    let own_groups = groups.as_array().into_iter().flatten().filter_map(group_key);
    let mut addresses = said("PrivateIpAddress").as_str().and_then(spans).unwrap_or_default();
    addresses.extend(attached.iter().flat_map(|it| it.addresses.clone()));
    Interface {
        unknown: if subnets.is_empty() {
            format!("the subnets of {title} are not in the files")
        } else {
            String::new()
        },
        addresses,
        groups: own_groups.chain(attached.iter().flat_map(|it| it.groups.clone())).collect(),
        is_public: is_public(world, id, said("AssociatePublicIpAddress"), first, &subnets),
        field: field.to_owned(),
        at: resource.at.clone(),
        subnets,
        title,
        v6,
        ..Interface::default()
    }
}

/// Returns the separate interfaces of an instance.
fn all_attached(
    world: &World,
    interfaces: &Value,
    separate: &dyn Fn(ResourceId) -> Option<Interface>,
) -> Vec<Interface> {
    let named = interfaces.as_array().into_iter().flatten().filter_map(|it| world.named_by(&it["NetworkInterfaceId"]));
    named.filter_map(separate).collect()
}

/// Returns the launch template or configuration of instances, and its properties.
pub fn launched(world: &World, id: ResourceId) -> Option<(ResourceId, &Value)> {
    let resource = world.resource(id);
    let mixed = resource.property("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification");
    let named = [resource.property("LaunchTemplate"), mixed].into_iter();
    let template = named.flat_map(|it| [&it["LaunchTemplateId"], &it["LaunchTemplateName"]]);
    if let Some(id) = template.into_iter().find_map(|it| world.named_by(it)) {
        return Some((id, world.resource(id).property("LaunchTemplateData")));
    }
    let id = world.named_by(resource.property("LaunchConfigurationName"))?;
    Some((id, &world.resource(id).properties))
}

fn is_public(world: &World, id: ResourceId, said: &Value, first: &Value, subnets: &[ResourceId]) -> Option<bool> {
    let resource = world.resource(id);
    let interfaces = resource.property("NetworkInterfaces").as_array().into_iter().flatten();
    let interfaces: Vec<ResourceId> = interfaces.filter_map(|it| world.named_by(&it["NetworkInterfaceId"])).collect();
    let names = |holder: &Resource| {
        let instance = world.named_by(holder.property("InstanceId"));
        let interface = world.named_by(holder.property("NetworkInterfaceId"));
        instance == Some(id) || interface.is_some_and(|it| interfaces.contains(&it))
    };
    let addresses = ["AWS::EC2::EIPAssociation", "AWS::EC2::EIP"].into_iter().flat_map(|it| world.of_type(it));
    if addresses.map(|it| world.resource(*it)).any(names) {
        return Some(true);
    }
    let written = flag(said).or_else(|| flag(&first["AssociatePublicIpAddress"]));
    if is_unknown(said) || is_unknown(&first["AssociatePublicIpAddress"]) {
        return None;
    }
    // An interface that exists before the instance has no automatic public address.
    if !interfaces.is_empty() {
        return Some(false);
    }
    written.or_else(|| {
        let by_subnet = |it: &ResourceId| world.resource(*it).property("MapPublicIpOnLaunch");
        let values = || subnets.iter().map(by_subnet);
        let is_open = values().any(is_unknown) && !values().any(|it| flag(it) == Some(true));
        (!subnets.is_empty() && !is_open).then(|| values().any(|it| flag(it) == Some(true)))
    })
}
