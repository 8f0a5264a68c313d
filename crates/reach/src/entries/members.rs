//! Members of target groups and classic load balancers, except pods: tasks, instances, functions, and load balancers.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html>.

use serde_json::Value;

use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::network::number;
use crate::world::{Resource, ResourceId, World};

/// A resource to which a load balancer forwards.
#[derive(Clone, Debug)]
pub struct Member {
    /// The target group, or the classic load balancer.
    pub of: ResourceId,
    /// The port of the member.
    pub port: Port,
    /// The property that registers it.
    pub link: Link,
}

/// Returns the memberships of a resource.
pub fn members(world: &World, id: ResourceId) -> Vec<Member> {
    match world.resource(id).type_name.as_str() {
        "AWS::ECS::Service" => tasks(world, id),
        "AWS::AutoScaling::AutoScalingGroup" => group(world, id).chain(targets(world, id)).collect(),
        "AWS::EC2::Instance" | "AWS::Lambda::Function" | "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            targets(world, id).chain(instances(world, id)).collect()
        }
        _ => Vec::new(),
    }
}

fn link(world: &World, of: ResourceId, by: &Resource, field: &str) -> Link {
    let why = format!("is behind {}", world.resource(of).title());
    Link::new(Layer::Entry, Verdict::Allowed, why).by(by.title(), field, &by.at)
}

/// Returns the memberships of a service's tasks.
fn tasks(world: &World, id: ResourceId) -> Vec<Member> {
    let service = world.resource(id);
    let entries = service.property("LoadBalancers").as_array().into_iter().flatten().enumerate();
    let member = |(at, entry): (usize, &Value)| {
        let of = world.named_by(&entry["TargetGroupArn"]).or_else(|| world.named_by(&entry["LoadBalancerName"]))?;
        let port = Port::tcp(number(&entry["ContainerPort"])?);
        Some(Member { of, port, link: link(world, of, service, &format!("LoadBalancers[{at}]")) })
    };
    entries.filter_map(member).collect()
}

/// Returns the memberships of an Auto Scaling group's instances. The group lists them.
fn group(world: &World, id: ResourceId) -> impl Iterator<Item = Member> {
    let group = world.resource(id);
    ["TargetGroupARNs", "LoadBalancerNames"].into_iter().flat_map(move |field| {
        let named = world.all_named_by(group.property(field)).into_iter();
        named
            .flat_map(move |of| ports(world, of).into_iter().map(move |port| (of, port)))
            .map(move |(of, port)| Member { of, port, link: link(world, of, group, field) })
    })
}

/// Returns the memberships that target groups list.
fn targets(world: &World, id: ResourceId) -> impl Iterator<Item = Member> {
    world.of_type("AWS::ElasticLoadBalancingV2::TargetGroup").iter().flat_map(move |of| {
        let group = world.resource(*of);
        let entries = group.property("Targets").as_array().into_iter().flatten().enumerate();
        let own = entries.filter(move |(_, entry)| world.named_by(&entry["Id"]) == Some(id));
        own.map(move |(at, entry)| {
            // A target group of functions has no port.
            let port = number(&entry["Port"]).or_else(|| number(group.property("Port"))).unwrap_or(443);
            Member { of: *of, port: Port::tcp(port), link: link(world, *of, group, &format!("Targets[{at}]")) }
        })
    })
}

/// Returns the memberships that classic load balancers list.
fn instances(world: &World, id: ResourceId) -> impl Iterator<Item = Member> {
    let balancers = world.of_type(super::CLASSIC).iter().copied();
    let own = balancers.filter(move |it| world.all_named_by(world.resource(*it).property("Instances")).contains(&id));
    own.flat_map(move |of| ports(world, of).into_iter().map(move |port| (of, port))).map(move |(of, port)| Member {
        of,
        port,
        link: link(world, of, world.resource(of), "Instances"),
    })
}

/// Returns the member ports of a target group or a classic load balancer.
fn ports(world: &World, of: ResourceId) -> Vec<Port> {
    let resource = world.resource(of);
    if resource.type_name == super::CLASSIC {
        let listeners = resource.property("Listeners").as_array().into_iter().flatten();
        return listeners.filter_map(|it| number(&it["InstancePort"])).map(Port::tcp).collect();
    }
    number(resource.property("Port")).map(Port::tcp).into_iter().collect()
}
