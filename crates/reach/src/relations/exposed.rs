//! The Services of a cluster that are reachable from outside. A caller that queries every workload can skip the rest.

use std::collections::HashSet;

use serde_json::Value;

use crate::world::{Cluster, Object, WorkloadId, World};

/// The Service names in the objects that expose a cluster.
pub struct Exposed<'a>(HashSet<&'a str>);

/// Kinds in which every name may be that of a Service.
const KINDS: [&str; 7] =
    ["GRPCRoute", "HTTPRoute", "Ingress", "TCPRoute", "TLSRoute", "TargetGroupBinding", "VirtualService"];

impl<'a> Exposed<'a> {
    /// Collects the names in a cluster.
    pub fn new(cluster: &'a Cluster) -> Self {
        let mut names = HashSet::new();
        for object in cluster.objects.iter().filter(|it| KINDS.contains(&it.kind.as_str()) && !is_of_mesh(it)) {
            collect(&object.document["spec"], &mut names);
        }
        Self(names)
    }

    /// Whether a workload may be exposed. An object refers to its Service, its Service is an entry, or it has host
    /// ports.
    pub fn has(&self, world: &World, id: WorkloadId) -> bool {
        let workload = world.workload(id);
        let objects = &world.clusters[workload.cluster].objects;
        let mut services = world.services_of(id).iter().map(|at| &objects[*at]);
        let is_open = |it: &Object| matches!(it.document["spec"]["type"].as_str(), Some("LoadBalancer" | "NodePort"));
        let has_addresses = |it: &Object| !it.document["spec"]["externalIPs"].is_null();
        workload.is_on_host || services.any(|it| is_open(it) || has_addresses(it) || self.0.contains(it.name.as_str()))
    }
}

/// Whether a route only applies to the proxies of callers.
fn is_of_mesh(object: &Object) -> bool {
    let gateways = object.document["spec"]["gateways"].as_array().map_or(&[][..], Vec::as_slice);
    object.kind == "VirtualService" && gateways.iter().all(|it| it == "mesh")
}

/// Collects every text, and the first label of host names.
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
