//! All pairs of a cluster's workloads at once.

use super::Engine;
use crate::ends::Port;
use crate::kubernetes::Side;
use crate::link::Verdict;
use crate::mesh::Membership;
use crate::world::WorkloadId;

/// A pair of workloads with a port on which the first reaches the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Who calls.
    pub from: WorkloadId,
    /// Who is called.
    pub to: WorkloadId,
    /// The port.
    pub port: Port,
    /// Whether it is allowed, or not known.
    pub verdict: Verdict,
}

impl Engine<'_> {
    /// Every pair of workloads of a cluster that is not denied, with each port of the second.
    ///
    /// Network policies are held against all pairs first: they know the pods that each of their peers takes.
    pub fn pairs(&self, cluster: usize) -> Vec<Pair> {
        self.policies[cluster].members().iter().flat_map(|to| self.callers_of(*to)).collect()
    }

    /// Every workload of its cluster that is not denied to call a workload, with each port.
    pub fn callers_of(&self, to: WorkloadId) -> Vec<Pair> {
        let cluster = self.world.workload(to).cluster;
        let (policies, mesh) = (&self.policies[cluster], &self.meshes[cluster]);
        let mut found = Vec::new();
        let ports = self.ports(to);
        let target = Side::Pod(policies.pod(to));
        let has_way = ports.iter().any(|it| !mesh.waypoints(to, *it).is_empty());
        let callers = if has_way { policies.members().to_vec() } else { policies.callers(to) };
        for from in callers.into_iter().filter(|from| *from != to) {
            let open = policies.between(&Side::Pod(policies.pod(from)), &target);
            if open.is_none() && !has_way {
                continue;
            }
            for port in &ports {
                let wire = mesh.wire(from, to, *port);
                if !has_way && !open.has(wire.protocol, wire.number) {
                    continue;
                }
                let verdict = self.pod_to_pod(from, to, *port).verdict();
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
