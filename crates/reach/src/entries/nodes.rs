//! Node ports of Services, and host ports of containers.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport>.

use serde_json::Value;

use crate::connections::Protocol;
use crate::edit::Edit;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{entries, services, target_port};
use crate::network::number;
use crate::world::{WorkloadId, World};

/// A node port that forwards to the pods of a workload.
#[derive(Clone, Debug)]
pub struct NodePort {
    /// The port of the node, or `None` if Kubernetes assigns it.
    pub node: Option<Port>,
    /// The port of the pods.
    pub port: Port,
    /// The setting that opens it.
    pub link: Link,
    /// Whether the pods receive the client addresses instead of the node's.
    pub keeps_addresses: bool,
}

/// The first port that Kubernetes assigns.
pub const FIRST: u16 = 30000;

/// Returns the node ports of a workload.
pub fn node_ports(world: &World, to: WorkloadId) -> Vec<NodePort> {
    let mut found = Vec::new();
    for service in services(world, to) {
        let spec = &service.document["spec"];
        let is_open = match spec["type"].as_str() {
            Some("NodePort") => true,
            Some("LoadBalancer") => spec["allocateLoadBalancerNodePorts"] != false,
            _ => false,
        };
        for (at, entry) in entries(service).iter().enumerate().filter(|_| is_open) {
            let Some(port) = target_port(world, to, entry) else { continue };
            let node = number(&entry["nodePort"]).map(|number| Port { number, ..port });
            let (verdict, why) = match node {
                Some(node) => (Verdict::Allowed, format!("opens port {} on every node", node.number)),
                None => (Verdict::Unknown, "opens a port on every node, which Kubernetes chooses".to_owned()),
            };
            let field = format!("spec.ports[{at}].nodePort");
            let link = Link::new(Layer::Entry, verdict, why).by(service.title(), field, &service.at);
            let close = (spec["type"] == "NodePort")
                .then(|| Edit::set(service.title(), "spec.type", &service.at, "ClusterIP".into()));
            let link = link.edited(close.into_iter().collect());
            let keeps_addresses = spec["externalTrafficPolicy"] == "Local";
            found.push(NodePort { node, port, link, keeps_addresses });
        }
    }
    found.extend(host_ports(world, to));
    found
}

/// Returns the host ports of containers.
fn host_ports(world: &World, to: WorkloadId) -> Vec<NodePort> {
    let workload = world.workload(to);
    let object = world.object_of(to);
    let by = |node: Port, port: Port, why: &str, field: &str| {
        let link = Link::new(Layer::Entry, Verdict::Allowed, why).by(object.title(), field, &object.at);
        NodePort { node: Some(node), port, link, keeps_addresses: true }
    };
    if workload.is_on_host {
        let ports = workload.ports.iter().map(|it| Port { protocol: it.protocol, number: it.number });
        return ports.map(|it| by(it, it, "uses the network of its node", "hostNetwork")).collect();
    }
    let template = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"];
    let spec = template.iter().find_map(|it| object.document.pointer(it)).unwrap_or(&Value::Null);
    let containers = spec["containers"].as_array().into_iter().flatten();
    let ports = containers.flat_map(|it| it["ports"].as_array().into_iter().flatten());
    let host = |it: &Value| {
        let protocol = it["protocol"].as_str().map_or(Some(Protocol::Tcp), Protocol::parse)?;
        let port = |key: &str| number(&it[key]).filter(|it| *it > 0).map(|number| Port { protocol, number });
        Some(by(port("hostPort")?, port("containerPort")?, "uses a port of its node", "containers[].ports[].hostPort"))
    };
    ports.filter_map(host).collect()
}
