//! Through which waypoints calls of a workload go: those of its Services, and its own.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/>.

use meshsynth_access::kubernetes::{Labels, Selector};

use super::services::{entries, services, target_port};
use crate::ends::Port;
use crate::world::{Cluster, Object, WorkloadId, World};

/// The label that names a waypoint, or `none`.
const USE: &str = "istio.io/use-waypoint";
/// The label beside it that says where the waypoint is.
const USE_NAMESPACE: &str = "istio.io/use-waypoint-namespace";
/// The label of a waypoint that says which calls it takes; those of Services where it has none.
const FOR: &str = "istio.io/waypoint-for";

/// A waypoint before a workload.
#[derive(Clone, Debug)]
pub struct Waypoint<'a> {
    /// Its proxy.
    pub proxy: WorkloadId,
    /// The Service whose calls it takes; none where it takes those of the pod's own address. Each Service of a waypoint has
    /// policies of its own.
    pub service: Option<&'a Object>,
}

/// The waypoints before a port of a workload: the labels of a Service and of pods win over those of their namespace.
pub fn waypoints(world: &World, id: WorkloadId, port: Port) -> Vec<Waypoint<'_>> {
    let workload = world.workload(id);
    let sends = |it: &&Object| entries(it).iter().any(|entry| target_port(world, id, entry) == Some(port));
    let of_services = services(world, id).into_iter().filter(sends).filter_map(|service| {
        let proxy = proxy(world, id, &service.labels(), "service")?;
        Some(Waypoint { proxy, service: Some(service) })
    });
    let own = proxy(world, id, &workload.labels, "workload").map(|proxy| Waypoint { proxy, service: None });
    of_services.chain(own).collect()
}

/// The waypoint that labels name, or those of the namespace, where it takes such calls.
fn proxy(world: &World, id: WorkloadId, own: &Labels, calls: &str) -> Option<WorkloadId> {
    let workload = world.workload(id);
    let cluster = &world.clusters[workload.cluster];
    let of_namespace = cluster.namespaces.get(&workload.namespace);
    // The name and the namespace are read from one place together.
    let labels = if own.contains_key(USE) { own } else { of_namespace? };
    let name = labels.get(USE).filter(|it| *it != "none")?;
    let namespace = labels.get(USE_NAMESPACE).unwrap_or(&workload.namespace);
    let is_it = |it: &WorkloadId| {
        let (other, object) = (world.workload(*it), world.object_of(*it));
        other.cluster == workload.cluster
            && other.kind == "Gateway"
            && other.namespace == *namespace
            && object.name == *name
            && takes(object, calls)
            && admits(cluster, object, &workload.namespace)
    };
    world.workload_ids().find(is_it)
}

/// Whether a waypoint takes calls of Services, or of workloads.
fn takes(gateway: &Object, calls: &str) -> bool {
    let labels = gateway.labels();
    let kind = labels.get(FOR).map_or("service", String::as_str);
    kind == "all" || kind == calls
}

/// Whether a waypoint may be used from a namespace: its own, unless a listener lets in others.
fn admits(cluster: &Cluster, gateway: &Object, namespace: &str) -> bool {
    let mut listeners = gateway.document["spec"]["listeners"].as_array().into_iter().flatten();
    gateway.namespace == namespace
        || listeners.any(|it| {
            let from = &it["allowedRoutes"]["namespaces"];
            let labels = cluster.namespaces.get(namespace);
            let is_selected = || labels.is_some_and(|it| Selector::parse(&from["selector"]).selects(it));
            from["from"] == "All" || (from["from"] == "Selector" && is_selected())
        })
}
