//! Waypoints for calls to a workload: those of its Services, and its own.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/>.

use meshsynth_access::kubernetes::{Labels, Selector};

use super::services::{entries, services, target_port};
use crate::ends::Port;
use crate::world::{Cluster, Object, WorkloadId, World};

/// The label that names a waypoint, or `none`.
const USE: &str = "istio.io/use-waypoint";
/// The additional label with the namespace of the waypoint.
const USE_NAMESPACE: &str = "istio.io/use-waypoint-namespace";
/// The label of a waypoint with the type of calls that it handles. Default: calls to Services.
const FOR: &str = "istio.io/waypoint-for";

/// A waypoint of a workload.
#[derive(Clone, Debug)]
pub struct Waypoint<'a> {
    /// The proxy of the waypoint.
    pub proxy: WorkloadId,
    /// The Service for which the waypoint handles calls, or `None` if it handles calls to the address of the pod. Each
    /// Service of a waypoint has separate policies.
    pub service: Option<&'a Object>,
}

/// Returns the waypoints for a port of a workload. Service labels and pod labels override namespace labels.
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

/// Returns the waypoint in the object's labels, or in those of the namespace, if it handles such calls.
fn proxy(world: &World, id: WorkloadId, own: &Labels, calls: &str) -> Option<WorkloadId> {
    let workload = world.workload(id);
    let cluster = &world.clusters[workload.cluster];
    let of_namespace = cluster.namespaces.get(&workload.namespace);
    // The name and the namespace must be in the same set of labels.
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

/// Whether a waypoint handles calls to Services or to workloads.
fn takes(gateway: &Object, calls: &str) -> bool {
    let labels = gateway.labels();
    let kind = labels.get(FOR).map_or("service", String::as_str);
    kind == "all" || kind == calls
}

/// Whether workloads in a namespace may use a waypoint: the waypoint's own namespace, or one that a listener allows.
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
