//! The ports on which a resource listens.

use meshsynth_facts::{self as facts, resources::Ports};
use serde_json::Value;

use crate::ends::Port;
use crate::world::{Resource, ResourceId, World};

/// Whether a resource may listen on any port.
pub fn may_listen_on_any(world: &World, id: ResourceId) -> bool {
    facts::resource(&world.resource(id).type_name).ports == Ports::Any
}

/// Returns the ports on which a resource listens, the usual one first.
pub fn default_ports(world: &World, id: ResourceId) -> Vec<Port> {
    let resource = world.resource(id);
    let written = ["Port", "DBPort"].iter().find_map(|key| number(&resource.properties[*key]));
    let usual: &[u16] = match &facts::resource(&resource.type_name).ports {
        Ports::Listeners if resource.type_name == "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            return listeners(world, id);
        }
        Ports::Listeners => return classic_listeners(resource),
        ports @ Ports::ByEngine { property, .. } => {
            ports.of(resource.property(property).as_str().unwrap_or_default()).unwrap_or_default()
        }
        Ports::Any | Ports::Unknown => &[443],
    };
    match written {
        Some(port) => vec![Port::tcp(port)],
        None => usual.iter().map(|port| Port::tcp(*port)).collect(),
    }
}

fn listeners(world: &World, balancer: ResourceId) -> Vec<Port> {
    let listeners = world.of_type("AWS::ElasticLoadBalancingV2::Listener").iter().map(|id| world.resource(*id));
    let own = listeners.filter(|it| world.named_by(&it.properties["LoadBalancerArn"]) == Some(balancer));
    own.filter_map(|it| number(&it.properties["Port"])).map(Port::tcp).collect()
}

fn classic_listeners(balancer: &Resource) -> Vec<Port> {
    let listeners = balancer.properties["Listeners"].as_array().into_iter().flatten();
    listeners.filter_map(|it| number(&it["LoadBalancerPort"])).map(Port::tcp).collect()
}

/// Returns a port number, which may be written as text.
pub fn number(value: &Value) -> Option<u16> {
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())?;
    u16::try_from(number).ok()
}
