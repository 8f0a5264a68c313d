//! Services: host names of workloads, and their ports.

use serde_json::Value;

use crate::connections::Protocol;
use crate::ends::Port;
use crate::world::{Object, WorkloadId, World};

/// Returns the Services that select a workload.
pub fn services(world: &World, id: WorkloadId) -> Vec<&Object> {
    let objects = &world.clusters[world.workload(id).cluster].objects;
    world.services_of(id).iter().map(|at| &objects[*at]).collect()
}

/// Returns the ports of a workload that are targets of its Services.
pub fn service_ports(world: &World, id: WorkloadId) -> Vec<Port> {
    let ports = services(world, id).into_iter().flat_map(|it| entries(it).to_vec());
    let number = |port: Value| target_port(world, id, &port);
    ports.filter_map(number).collect()
}

/// Returns the entries of a Service's `ports`.
pub fn entries(service: &Object) -> &[Value] {
    service.document["spec"]["ports"].as_array().map_or(&[], Vec::as_slice)
}

/// Returns the pod port that is the target of an entry.
pub fn target_port(world: &World, id: WorkloadId, entry: &Value) -> Option<Port> {
    let protocol = entry["protocol"].as_str().map_or(Some(Protocol::Tcp), Protocol::parse)?;
    let target = if entry["targetPort"].is_null() { &entry["port"] } else { &entry["targetPort"] };
    let number = world.workload(id).port(target, protocol).first().copied()?;
    Some(Port { protocol, number })
}

/// Whether a proxy may parse HTTP on a port of a workload. If the protocol is not declared, the
/// proxy detects it.
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
