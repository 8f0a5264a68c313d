//! Services: names for workloads, and their ports.

use serde_json::Value;

use crate::connections::Protocol;
use crate::ends::Port;
use crate::world::{Object, WorkloadId, World};

/// The Services that send to a workload.
pub fn services(world: &World, id: WorkloadId) -> Vec<&Object> {
    let objects = &world.clusters[world.workload(id).cluster].objects;
    world.services_of(id).iter().map(|at| &objects[*at]).collect()
}

/// The ports of a workload to which its Services send.
pub fn service_ports(world: &World, id: WorkloadId) -> Vec<Port> {
    let ports = services(world, id).into_iter().flat_map(|it| entries(it).to_vec());
    let number = |port: Value| target_port(world, id, &port);
    ports.filter_map(number).collect()
}

/// The entries of `ports` of a Service.
pub fn entries(service: &Object) -> &[Value] {
    service.document["spec"]["ports"].as_array().map_or(&[], Vec::as_slice)
}

/// The port of the pods to which an entry sends.
pub fn target_port(world: &World, id: WorkloadId, entry: &Value) -> Option<Port> {
    let protocol = entry["protocol"].as_str().map_or(Some(Protocol::Tcp), Protocol::parse)?;
    let target = if entry["targetPort"].is_null() { &entry["port"] } else { &entry["targetPort"] };
    let number = world.workload(id).port(target, protocol).first().copied()?;
    Some(Port { protocol, number })
}

/// Whether a proxy may read HTTP on a port of a workload. Where nothing says what it is, it looks.
///
/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/>.
pub fn is_http(world: &World, id: WorkloadId, port: Port) -> bool {
    let all: Vec<&Object> = services(world, id);
    let own = all.iter().flat_map(|it| entries(it)).filter(|it| target_port(world, id, it) == Some(port));
    let says = |entry: &Value| {
        let name = entry["name"].as_str().unwrap_or_default();
        let protocol = entry["appProtocol"].as_str().unwrap_or_else(|| name.split('-').next().unwrap_or_default());
        !matches!(protocol, "tcp" | "tls" | "mysql" | "mongo" | "redis" | "udp" | "https")
    };
    let mut own = own.peekable();
    own.peek().is_none() || own.any(says)
}
