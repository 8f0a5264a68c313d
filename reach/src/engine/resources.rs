//! Between pods and resources with an interface in a VPC.

use meshsynth_access::kubernetes::Traffic;

use super::{Engine, worst};
use crate::answer::{Layer, Link, Verdict};
use crate::ends::Port;
use crate::entries::Client;
use crate::network::{self, End};
use crate::world::{ResourceId, WorkloadId};

impl Engine<'_> {
    pub(super) fn pod_to_resource(&self, from: WorkloadId, to: ResourceId, port: Port) -> Vec<Link> {
        let Some(target) = network::interface(self.world, to) else {
            let why = format!("{} has no interface in a VPC", self.world.resource(to).title());
            return vec![Link::new(Layer::Route, Verdict::Unknown, why)];
        };
        let workload = self.world.workload(from);
        let policies = &self.policies[workload.cluster];
        let own = self.pods.interfaces(self.world, from);
        let mut links = match own.is_empty() {
            true => vec![Link::new(Layer::Route, Verdict::Unknown, "the nodes of the cluster are not in the files")],
            false => self.interfaces(&own, &[&target], port),
        };
        links.push(self.policy_of_addresses(policies, &policies.pod(from), Traffic::Egress, &[&target], port));
        links.push(self.meshes[workload.cluster].leaves(from, to));
        links
    }

    pub(super) fn resource_to_resource(&self, from: ResourceId, to: ResourceId, port: Port) -> Vec<Link> {
        match (network::interface(self.world, from), network::interface(self.world, to)) {
            (Some(a), Some(b)) => self.interfaces(&[&a], &[&b], port),
            _ => vec![Link::new(Layer::Route, Verdict::Unknown, "one of both has no interface in a VPC")],
        }
    }

    pub(super) fn resource_to_pod(&self, from: ResourceId, to: WorkloadId, port: Port) -> Vec<Link> {
        let Some(source) = network::interface(self.world, from) else {
            return vec![Link::new(Layer::Route, Verdict::Unknown, "it has no interface in a VPC")];
        };
        let workload = self.world.workload(to);
        let policies = &self.policies[workload.cluster];
        let mut links = self.interfaces(&[&source], &self.pods.interfaces(self.world, to), port);
        links.push(self.policy_of_addresses(policies, &policies.pod(to), Traffic::Ingress, &[&source], port));
        links.extend(self.meshes[workload.cluster].from_outside(to, port));
        links
    }

    /// From a resource to a pod, directly or through what leads there.
    pub(super) fn resource_to_any_pod(&self, from: ResourceId, to: WorkloadId, port: Port) -> Vec<Link> {
        let direct = self.resource_to_pod(from, to, port);
        let Some(source) = network::interface(self.world, from) else { return direct };
        let client = Client::new(self.world, End::Interface(&source));
        let through = self.client_to_pod(&client, to, port);
        if worst(&through) < worst(&direct) { through } else { direct }
    }
}
