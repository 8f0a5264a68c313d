//! Load balancers that are resources: listeners, rules, target groups and their members.

use meshsynth_access::sets::Cidr;
use serde_json::Value;

use super::CLASSIC;
use super::client::Client;
use super::listeners::{Listeners, groups};
use super::members::members;
use super::routes::Routes;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{entries, services, target_port};
use crate::network::number;
use crate::world::{ResourceId, WorkloadId, World};

/// A load balancer that forwards to a workload or a resource.
#[derive(Clone, Debug)]
pub struct Balanced {
    /// The load balancer.
    pub balancer: ResourceId,
    /// The target group, or `None` for a classic load balancer.
    pub group: Option<ResourceId>,
    /// The port of the listener.
    pub listener: Port,
    /// The port of the pods or the resource.
    pub port: Port,
    /// The header that a rule requires, and its value.
    pub header: Option<(String, Value)>,
    /// The requirements of the listener or its rule for the client.
    pub link: Link,
    /// The registration of the pods or the resource in the target group.
    pub binding: Link,
}

/// Returns the load balancers that forward to a workload.
pub fn balanced(
    world: &World,
    routes: &Routes<'_>,
    listeners: &Listeners,
    to: WorkloadId,
    client: &Client,
) -> Vec<Balanced> {
    let workload = world.workload(to);
    let objects = &world.clusters[workload.cluster].objects;
    let own = services(world, to);
    let mut found = Vec::new();
    for binding in routes.bindings(to).into_iter().map(|at| &objects[at]) {
        let spec = &binding.document["spec"];
        let Some(group) = world.named_by(&spec["targetGroupARN"]) else { continue };
        let Some(service) = own.iter().find(|it| spec["serviceRef"]["name"] == it.name.as_str()) else { continue };
        let wanted = &spec["serviceRef"]["port"];
        let is_wanted = |entry: &&Value| entry["port"] == *wanted || entry["name"] == *wanted;
        let port = entries(service).iter().find(is_wanted).and_then(|it| target_port(world, to, it));
        let Some(port) = port else { continue };
        let why = format!("binds {} to {}", service.title(), world.resource(group).title());
        let bound =
            Link::new(Layer::Entry, Verdict::Allowed, why).by(binding.title(), "spec.targetGroupARN", &binding.at);
        for (balancer, listener, link, header) in forwarded(world, listeners, group, client) {
            found.push(Balanced { balancer, group: Some(group), listener, port, header, link, binding: bound.clone() });
        }
    }
    found
}

/// Returns the load balancers that forward to a resource.
pub fn balanced_resource(world: &World, listeners: &Listeners, to: ResourceId, client: &Client) -> Vec<Balanced> {
    let mut found = Vec::new();
    for member in members(world, to) {
        let (port, binding) = (member.port, &member.link);
        if world.resource(member.of).type_name == CLASSIC {
            found.extend(classic(world, member.of, port).map(|(listener, link)| Balanced {
                balancer: member.of,
                group: None,
                listener,
                port,
                header: None,
                link,
                binding: binding.clone(),
            }));
        }
        for (balancer, listener, link, header) in forwarded(world, listeners, member.of, client) {
            found.push(Balanced {
                balancer,
                group: Some(member.of),
                listener,
                port,
                header,
                link,
                binding: binding.clone(),
            });
        }
    }
    found
}

/// Returns the listeners of a classic load balancer that forward to a port.
fn classic(world: &World, balancer: ResourceId, port: Port) -> impl Iterator<Item = (Port, Link)> {
    let resource = world.resource(balancer);
    let listeners = resource.property("Listeners").as_array().into_iter().flatten();
    let own = listeners.filter(move |it| number(&it["InstancePort"]) == Some(port.number));
    own.filter_map(|it| number(&it["LoadBalancerPort"])).map(move |listener| {
        let why = format!("forwards to port {} of its targets", port.number);
        let link = Link::new(Layer::Entry, Verdict::Allowed, why).by(resource.title(), "Listeners", &resource.at);
        (Port::tcp(listener), link)
    })
}

type Forward = (ResourceId, Port, Link, Option<(String, Value)>);

/// Returns the listeners that forward to a target group, and their rules.
fn forwarded(world: &World, listeners: &Listeners, group: ResourceId, client: &Client) -> Vec<Forward> {
    let mut found = Vec::new();
    for (id, rule) in listeners.forwarding(group) {
        let listener = world.resource(*id);
        let balancer = world.named_by(&listener.properties["LoadBalancerArn"]);
        let port = number(&listener.properties["Port"]).map(Port::tcp);
        let (Some(balancer), Some(port)) = (balancer, port) else { continue };
        let Some(rule) = rule else {
            if let Some((verdict, why)) = actions(world, &listener.properties["DefaultActions"], group) {
                let link = Link::new(Layer::Entry, verdict, why).by(listener.title(), "DefaultActions", &listener.at);
                found.push((balancer, port, link, None));
            }
            continue;
        };
        let rule = world.resource(*rule);
        let Some((mut verdict, mut why)) = actions(world, &rule.properties["Actions"], group) else { continue };
        let conditions = rule.properties["Conditions"].as_array().map_or(&[][..], Vec::as_slice);
        if let Some((narrow, texts)) = conditions.iter().find_map(|it| narrow_source(it, client)) {
            (verdict, why) = (verdict.and(narrow), format!("forwards only requests from {texts}"));
        }
        let header = conditions.iter().find_map(header_of);
        let link = Link::new(Layer::Entry, verdict, why).by(rule.title(), "Conditions", &rule.at);
        found.push((balancer, port, link, header));
    }
    found
}

/// Returns the effect of actions on a request for a target group, or `None` if they do not forward to it.
fn actions(world: &World, actions: &Value, group: ResourceId) -> Option<(Verdict, String)> {
    let all = actions.as_array()?;
    let forwards = |it: &Value| groups(it).any(|it| world.named_by(it) == Some(group));
    if !all.iter().any(forwards) {
        return None;
    }
    let login = all.iter().find(|it| {
        let kind = it["Type"].as_str().unwrap_or_default();
        kind.starts_with("authenticate-") || kind == "jwt-validation"
    });
    Some(match login {
        Some(_) => (Verdict::Denied, "authenticates the client before it forwards".to_owned()),
        None => (Verdict::Allowed, format!("forwards to {}", world.resource(group).title())),
    })
}

/// Returns the header that a condition requires.
pub fn header_of(condition: &Value) -> Option<(String, Value)> {
    let config = &condition["HttpHeaderConfig"];
    let value = config["Values"].as_array()?.first()?.clone();
    Some((config["HttpHeaderName"].as_str()?.to_owned(), value))
}

/// Returns a source condition that does not match all addresses of the client, with its verdict and its addresses.
fn narrow_source(condition: &Value, client: &Client) -> Option<(Verdict, String)> {
    let values = condition["SourceIpConfig"]["Values"].as_array()?;
    let spans = values.iter().filter_map(|it| it.as_str()?.parse::<Cidr>().ok()).flat_map(Cidr::spans);
    let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    let verdict = client.within(&spans.collect::<Vec<_>>());
    (verdict != Verdict::Allowed).then(|| (verdict, texts.join(", ")))
}
