//! IPv6 addresses of network interfaces.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html>.

use meshsynth_facts as facts;
use meshsynth_facts::resources::Ipv6;
use serde_json::Value;

use super::interface::flag;
use crate::world::{Resource, ResourceId, World, is_unknown};

/// The properties that assign IPv6 addresses to an interface of an instance.
const ASSIGNED: [&str; 5] =
    ["Ipv6AddressCount", "Ipv6Addresses", "Ipv6PrefixCount", "Ipv6Prefixes", "EnablePrimaryIpv6"];

/// The properties that select the address family of a managed service.
const FAMILIES: [&str; 4] = ["IpAddressType", "IPAddressType", "NetworkType", "IpFamily"];

/// Returns whether the interfaces of a subnet have IPv6 addresses by default, or `None` if the template does not
/// determine it.
pub(super) fn of_subnet(world: &World, subnet: ResourceId) -> Option<bool> {
    let properties = &world.resource(subnet).properties;
    let each = ["AssignIpv6AddressOnCreation", "Ipv6Native"].map(|key| of_flag(&properties[key]));
    any(each)
}

/// Returns whether clients on the internet can use an IPv6 address of a resource, if it has a route. The holders are
/// the resource and the parts of its launch template that specify its interfaces.
pub(super) fn of_resource(
    world: &World,
    resource: &Resource,
    holders: &[&Value],
    subnets: &[ResourceId],
) -> Option<bool> {
    if resource.type_name == "AWS::ElasticLoadBalancingV2::LoadBalancer" {
        return of_load_balancer(resource);
    }
    let by_subnet = || subnets.iter().map(|it| of_subnet(world, *it));
    match facts::resource(&resource.type_name).ipv6 {
        Ipv6::Assigned => {
            let assigned = holders.iter().flat_map(|it| ASSIGNED.iter().map(|key| of_assignment(&it[*key])));
            any(assigned.chain(by_subnet()))
        }
        Ipv6::Account => match any(by_subnet()) {
            Some(true) => None,
            other => other,
        },
        Ipv6::Family => {
            let family = FAMILIES.iter().map(|key| &resource.properties[*key]).find(|it| !it.is_null());
            let is_v4 = family.is_none_or(|it| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case("ipv4")));
            if is_v4 { Some(false) } else { None }
        }
    }
}

/// The addresses of an internal load balancer are blocked at the internet gateway.
fn of_load_balancer(resource: &Resource) -> Option<bool> {
    let scheme = &resource.properties["Scheme"];
    let family = &resource.properties["IpAddressType"];
    match (scheme.as_str(), family) {
        (Some("internal"), _) => Some(false),
        _ if is_unknown(family) || is_unknown(scheme) => None,
        _ => Some(family.as_str().is_some_and(|it| it.starts_with("dualstack"))),
    }
}

/// Returns whether an interface can send packets to IPv6 addresses.
pub(super) fn can_send(world: &World, interface: &super::Interface, subnet: ResourceId) -> Option<bool> {
    match (interface.v6, of_subnet(world, subnet)) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (None, _) | (_, None) => None,
        _ => Some(false),
    }
}

fn of_flag(value: &Value) -> Option<bool> {
    if is_unknown(value) { None } else { Some(flag(value) == Some(true)) }
}

fn of_assignment(value: &Value) -> Option<bool> {
    match value {
        _ if is_unknown(value) => None,
        Value::Array(items) => Some(!items.is_empty()),
        Value::Number(number) => Some(number.as_u64() != Some(0)),
        Value::String(text) => Some(text != "0" && text != "false"),
        other => Some(*other == true),
    }
}

/// Returns whether at least one value is true.
pub(super) fn any(values: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_open = false;
    for value in values {
        match value {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_open = true,
        }
    }
    (!is_open).then_some(false)
}
