//! Which Services of a cluster something leads to from outside of it: whoever asks of every workload leaves out the others.

use std::collections::HashSet;

use serde_json::Value;

use crate::world::{Cluster, Object, WorkloadId, World};

/// The names of Services in what leads into a cluster.
pub struct Exposed<'a>(HashSet<&'a str>);

/// Kinds whose every name may be that of a Service.
const KINDS: [&str; 7] =
    ["GRPCRoute", "HTTPRoute", "Ingress", "TCPRoute", "TLSRoute", "TargetGroupBinding", "VirtualService"];

impl<'a> Exposed<'a> {
    /// Of a cluster.
    pub fn new(cluster: &'a Cluster) -> Self {
        let mut names = HashSet::new();
        for object in cluster.objects.iter().filter(|it| KINDS.contains(&it.kind.as_str()) && !is_of_mesh(it)) {
            collect(&object.document["spec"], &mut names);
        }
        Self(names)
    }

    /// Whether something may lead to a workload: its Service is named, or is a way in by itself; or it has its node's ports.
    pub fn has(&self, world: &World, id: WorkloadId) -> bool {
        let workload = world.workload(id);
        let objects = &world.clusters[workload.cluster].objects;
        let mut services = world.services_of(id).iter().map(|at| &objects[*at]);
        let is_open = |it: &Object| matches!(it.document["spec"]["type"].as_str(), Some("LoadBalancer" | "NodePort"));
        let has_addresses = |it: &Object| !it.document["spec"]["externalIPs"].is_null();
        workload.is_on_host || services.any(|it| is_open(it) || has_addresses(it) || self.0.contains(it.name.as_str()))
    }
}

/// Whether a route is for the proxies of callers alone.
fn is_of_mesh(object: &Object) -> bool {
    let gateways = object.document["spec"]["gateways"].as_array().map_or(&[][..], Vec::as_slice);
    object.kind == "VirtualService" && gateways.iter().all(|it| it == "mesh")
}

/// Every text, and the first label of each that is a host.
fn collect<'a>(value: &'a Value, names: &mut HashSet<&'a str>) {
    match value {
        Value::String(text) => {
            names.insert(text);
            names.extend(text.split('.').next());
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, names)),
        Value::Object(map) => map.values().for_each(|it| collect(it, names)),
        _ => {}
    }
}
