//! Workloads as peers of network policies.

use crate::kube::{meta, networking};
use crate::tree::Scope;

use super::super::core::{HBONE, Mode, network};
use super::Workload;

/// Lets the selected pods connect to another workload.
pub(in crate::mesh) fn allow_to_workload(policy: &Scope, other: &Workload) {
    let ports = ports_of(other, other.port());
    policy.add("spec.egress", networking::NetworkPolicyEgressRule::new().to([pods_of(other)]).ports(ports));
}

/// Lets another workload connect to a workload.
pub(in crate::mesh) fn allow_from_workload(policy: &Scope, to: &Workload, other: &Workload) {
    let ports = ports_of(to, to.port());
    policy.add("spec.ingress", networking::NetworkPolicyIngressRule::new().from_([pods_of(other)]).ports(ports));
}

/// Lets the selected pods connect to a port of a workload's pods.
pub(in crate::mesh) fn allow_to_pods(policy: &Scope, port: u16, workload: &Workload) {
    let egress = networking::NetworkPolicyEgressRule::new().to([pods_of(workload)]).ports([network::tcp(port)]);
    policy.add("spec.egress", egress);
}

/// The pods of a workload, in whatever namespace it is.
fn pods_of(workload: &Workload) -> networking::NetworkPolicyPeer {
    networking::NetworkPolicyPeer::new()
        .namespace_selector(network::in_namespace(workload.namespace().name()))
        .pod_selector(meta::LabelSelector::new().match_labels([(workload.label(), workload.name())]))
}

/// A port of a workload, and in ambient mode the port of the tunnel that leads to it.
fn ports_of(workload: &Workload, port: u16) -> Vec<networking::NetworkPolicyPort> {
    let is_ambient = workload.namespace().mesh().is_some_and(|mesh| mesh.mode() == Mode::Ambient);
    [Some(port), is_ambient.then_some(HBONE)].into_iter().flatten().map(network::tcp).collect()
}
