//! Pods as peers of network policies.

use crate::kube::{meta, networking};
use crate::tree::Scope;

use super::super::core::network::{self, Direction};
use super::super::core::{HBONE, Mode};
use super::Pods;

/// Allows the selected pods to connect to a port of other pods.
pub(in crate::mesh) fn allow_to(policy: &Scope, other: &Pods, port: u16) {
    let ports = ports_of(other, port);
    network::open(policy, Direction::Egress, networking::NetworkPolicyEgressRule::new().to([peer(other)]).ports(ports));
}

/// Allows other pods to connect to a port of these pods.
pub(in crate::mesh) fn allow_from(to: &Pods, other: &Pods, port: u16) {
    let ports = ports_of(to, port);
    let ingress = networking::NetworkPolicyIngressRule::new().from_([peer(other)]).ports(ports);
    network::open(to.policy(), Direction::Ingress, ingress);
}

/// Allows the selected pods to connect directly to a port of other pods, without the tunnel or waypoint of a mesh.
pub(in crate::mesh) fn allow_to_pods(policy: &Scope, port: u16, other: &Pods) {
    let egress =
        networking::NetworkPolicyEgressRule::new().to([peer(other)]).ports([network::tcp(other.pod_port(port))]);
    network::open(policy, Direction::Egress, egress);
}

/// Returns a peer that selects pods in their namespace.
pub(in crate::mesh) fn peer(pods: &Pods) -> networking::NetworkPolicyPeer {
    networking::NetworkPolicyPeer::new()
        .namespace_selector(network::in_namespace(pods.namespace().name()))
        .pod_selector(meta::LabelSelector::new().match_labels(pods.labels()))
}

/// Returns a port of pods and, in ambient mode, the port of their tunnel.
fn ports_of(pods: &Pods, port: u16) -> Vec<networking::NetworkPolicyPort> {
    let is_ambient = pods.namespace().mesh().is_some_and(|mesh| mesh.mode() == Mode::Ambient);
    [Some(pods.pod_port(port)), is_ambient.then_some(HBONE)].into_iter().flatten().map(network::tcp).collect()
}
