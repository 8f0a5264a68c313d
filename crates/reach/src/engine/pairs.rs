//! Connections between all pairs of a cluster's workloads.

use super::Engine;
use crate::ends::Port;
use crate::kubernetes::Side;
use crate::link::Verdict;
use crate::mesh::Membership;
use crate::world::WorkloadId;

/// A pair of workloads, and a port on which the first reaches the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The caller.
    pub from: WorkloadId,
    /// The called workload.
    pub to: WorkloadId,
    /// The port.
    pub port: Port,
    /// The verdict: allowed or unknown.
    pub verdict: Verdict,
}

impl Engine<'_> {
    /// Returns every pair of workloads in a cluster that is not denied, with each port of the second workload.
    ///
    /// Network policies are evaluated first, because they already contain the set of pods for each peer.
    pub fn pairs(&self, cluster: usize) -> Vec<Pair> {
        self.policies[cluster].members().iter().flat_map(|to| self.callers_of(*to)).collect()
    }

    /// Returns every workload of the same cluster that may call a workload, with each port.
    pub fn callers_of(&self, to: WorkloadId) -> Vec<Pair> {
        let cluster = self.world.workload(to).cluster;
        let (policies, mesh) = (&self.policies[cluster], &self.meshes[cluster]);
        let mut found = Vec::new();
        let ports = self.ports(to);
        let target = Side::Pod(policies.pod(to));
        let has_way = ports.iter().any(|it| !mesh.waypoints(to, *it).is_empty());
        // If callers differ only in their mesh membership, one verdict for each membership and port is enough.
        let mut alike: Vec<(Membership, Port, Verdict)> = Vec::new();
        let are_alike = !has_way && mesh.is_alike_for_all(to) && policies.is_certain();
        let callers = if has_way { policies.members().to_vec() } else { policies.callers(to) };
        for from in callers.into_iter().filter(|from| *from != to) {
            let open = policies.may_between(&Side::Pod(policies.pod(from)), &target);
            if open.is_none() && !has_way {
                continue;
            }
            for port in &ports {
                let wire = mesh.wire(from, to, *port);
                if !has_way && !open.has(wire.protocol, wire.number) {
                    continue;
                }
                let membership = mesh.membership(from);
                let known = alike.iter().find(|it| (it.0, it.1) == (membership, *port)).map(|it| it.2);
                let is_like_others = are_alike && !self.pods.has_own_interface(from);
                let verdict = known.filter(|_| is_like_others).unwrap_or_else(|| {
                    let verdict = self.pod_to_pod(from, to, *port).verdict();
                    if is_like_others {
                        alike.push((membership, *port, verdict));
                    }
                    verdict
                });
                if verdict != Verdict::Denied {
                    found.push(Pair { from, to, port: *port, verdict });
                }
            }
        }
        found
    }

    /// Whether a workload is a gateway or a waypoint of the mesh.
    pub fn is_proxy(&self, id: WorkloadId) -> bool {
        self.mesh_of(id).membership(id) == Membership::Proxy
    }
}
