//! Connections between pods and resources with a network interface in a VPC.

use meshsynth_access::kubernetes::Traffic;

use super::Engine;
use super::ways::Ways;
use crate::ends::Port;
use crate::entries::Client;
use crate::link::{Layer, Link, Verdict};
use crate::network::{self, End};
use crate::world::{ResourceId, WorkloadId};

impl Engine<'_> {
    pub(super) fn pod_to_resource(&self, from: WorkloadId, to: ResourceId, port: Port) -> Ways {
        let Some(target) = network::interface(self.world, to) else {
            let why = format!("{} has no interface in a VPC", self.world.resource(to).title());
            return vec![Link::new(Layer::Route, Verdict::Unknown, why)].into();
        };
        let workload = self.world.workload(from);
        let policies = &self.policies[workload.cluster];
        let own = self.pods.interfaces(self.world, from);
        let ways = match own.is_empty() {
            true => {
                vec![Link::new(Layer::Route, Verdict::Unknown, "the nodes of the cluster are not in the files")].into()
            }
            false => self.interfaces(&own, &[&target], port),
        };
        ways.then(&[
            self.policy_of_addresses(policies, &policies.pod(from), Traffic::Egress, &[&target], port),
            self.meshes[workload.cluster].leaves(from, to),
        ])
    }

    /// Returns the paths between two resources, directly or through load balancers.
    pub(super) fn resource_to_resource(&self, from: ResourceId, to: ResourceId, port: Port) -> Ways {
        let direct = self.interface_to_interface(from, to, port);
        let Some(source) = network::interface(self.world, from) else { return direct };
        direct.or(self.by_balancers(&Client::new(self.world, End::Interface(&source)), to, port))
    }

    pub(super) fn interface_to_interface(&self, from: ResourceId, to: ResourceId, port: Port) -> Ways {
        match (network::interface(self.world, from), network::interface(self.world, to)) {
            (Some(a), Some(b)) => self.interfaces(&[&a], &[&b], port),
            _ => vec![Link::new(Layer::Route, Verdict::Unknown, "the source or the target has no interface in a VPC")]
                .into(),
        }
    }

    pub(super) fn resource_to_pod(&self, from: ResourceId, to: WorkloadId, port: Port) -> Ways {
        let Some(source) = network::interface(self.world, from) else {
            return vec![Link::new(Layer::Route, Verdict::Unknown, "it has no interface in a VPC")].into();
        };
        let workload = self.world.workload(to);
        let policies = &self.policies[workload.cluster];
        // Source: <https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites>, "traffic to and
        // from the node where a Pod is running is always allowed".
        let policy = match self.pods.node_groups(workload.cluster).contains(&from) {
            true => Link::new(Layer::NetworkPolicy, Verdict::Allowed, "a node always reaches its own pods"),
            false => self.policy_of_addresses(policies, &policies.pod(to), Traffic::Ingress, &[&source], port),
        };
        let ways = self.interfaces(&[&source], &self.pods.interfaces(self.world, to), port).then(&[policy]);
        ways.then(&self.meshes[workload.cluster].from_outside(to, port))
    }

    /// Returns the paths from a resource to a pod, directly or through its entries.
    pub(super) fn resource_to_any_pod(&self, from: ResourceId, to: WorkloadId, port: Port) -> Ways {
        let direct = self.resource_to_pod(from, to, port);
        let Some(source) = network::interface(self.world, from) else { return direct };
        let client = Client::new(self.world, End::Interface(&source));
        direct.or(self.client_to_pod(&client, to, port))
    }
}
