//! Connections to a cluster in a separate network, through the mesh's east-west gateway there.
//!
//! Source: <https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/>.

use meshsynth_access::kubernetes::{Selector, Traffic};
use serde_json::Value;

use super::Engine;
use super::ways::Ways;
use crate::ends::Port;
use crate::entries::Client;
use crate::link::{Layer, Link, Verdict};
use crate::mesh::Membership;
use crate::network::{End, number};
use crate::world::{Object, WorkloadId};

/// The label of the root namespace that names the cluster's network.
const NETWORK: &str = "topology.istio.io/network";

impl Engine<'_> {
    /// Returns the paths through the east-west gateways of the target cluster. The result is empty within a network or
    /// outside the mesh.
    pub(super) fn by_gateway(&self, from: WorkloadId, to: WorkloadId, port: Port) -> Ways {
        let (a, b) = (self.world.workload(from), self.world.workload(to));
        if a.cluster == b.cluster {
            return Ways::default();
        }
        let is_member = |id: WorkloadId| self.mesh_of(id).membership(id) != Membership::None;
        let networks = [a.cluster, b.cluster].map(|it| self.network_of(it));
        if networks[0] == networks[1] || networks.contains(&None) {
            return Ways::default();
        }
        if !is_member(from) || !is_member(to) {
            return Ways::default();
        }
        let objects = self.world.clusters[b.cluster].objects.iter();
        let gateways = objects.filter(|it| it.kind == "Gateway" && it.group == "networking.istio.io");
        let servers = gateways.flat_map(|it| passing(it).map(move |port| (it, port)));
        let own = self.mesh_of(from).between(self.mesh_of(to), from, to, port);
        let mut ways = Ways::default();
        for (object, listener) in servers {
            let selector = Selector::labels(&object.document["spec"]["selector"]);
            let is_it = |id: &WorkloadId| {
                let workload = self.world.workload(*id);
                workload.cluster == b.cluster && selector.selects(&workload.labels)
            };
            for gateway in self.world.workload_ids().filter(is_it) {
                let why =
                    format!("forwards calls to service names on port {} to the pods of the service", listener.number);
                let entry =
                    Link::new(Layer::Entry, Verdict::Allowed, why).by(object.title(), "spec.servers", &object.at);
                let to_gateway = self.to_gateway(from, gateway, listener).then(&[entry]);
                ways = ways.or(to_gateway.and(&self.packets(gateway, to, port)).then(&own));
            }
        }
        ways
    }

    fn network_of(&self, cluster: usize) -> Option<&str> {
        let namespaces = self.world.clusters[cluster].namespaces.values();
        namespaces.into_iter().find_map(|labels| labels.get(NETWORK)).map(String::as_str)
    }

    /// Returns the paths to the load balancer of a gateway in another cluster.
    fn to_gateway(&self, from: WorkloadId, gateway: WorkloadId, port: Port) -> Ways {
        let policies = &self.policies[self.world.workload(from).cluster];
        let there = self.pods.interfaces(self.world, gateway);
        let out = self.policy_of_addresses(policies, &policies.pod(from), Traffic::Egress, &there, port);
        let mut ways = Ways::default();
        for own in self.pods.interfaces(self.world, from) {
            let client = Client::new(self.world, End::Interface(own));
            ways = ways.or(self.doors(&client, gateway, port));
        }
        ways.then(&[out])
    }
}

/// Returns the ports on which a gateway passes encrypted traffic to its destination.
fn passing(gateway: &Object) -> impl Iterator<Item = Port> {
    let servers = gateway.document["spec"]["servers"].as_array().cloned().unwrap_or_default();
    let is_tunnel = |it: &Value| it["tls"]["mode"] == "AUTO_PASSTHROUGH";
    servers.into_iter().filter(is_tunnel).filter_map(|it| number(&it["port"]["number"])).map(Port::tcp)
}
