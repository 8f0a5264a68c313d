//! Connections from and to addresses, outside the platform or in its networks.

use std::net::IpAddr;

use meshsynth_access::kubernetes::Traffic;

use super::ways::Ways;
use super::{Engine, cluster};
use crate::ends::{Port, Source};
use crate::entries::{Client, api_server};
use crate::link::{Layer, Link, Verdict};
use crate::network::{self, End};
use crate::world::{ResourceId, WorkloadId};

impl Engine<'_> {
    /// Returns the paths from the internet or from addresses to a resource.
    pub(super) fn outside_to_resource(&self, from: &Source, to: ResourceId, port: Port) -> Ways {
        let Some(target) = network::interface(self.world, to) else {
            let why = format!("{} has no interface in a VPC", self.world.resource(to).title());
            return vec![Link::new(Layer::Route, Verdict::Unknown, why)].into();
        };
        match end(from) {
            Some(end) if self.world.resource(to).type_name == "AWS::EKS::Cluster" => {
                let client = Client::new(self.world, end);
                let server = api_server(self.world, to, &client);
                // A client in one of the cluster's networks reaches the API server directly.
                let direct = client.is_private().then(|| self.to_each(client.end(), &[&target], port));
                direct.unwrap_or_default().or(server.into())
            }
            Some(end) => {
                let direct = self.to_each(&end, &[&target], port);
                direct.or(self.by_balancers(&Client::new(self.world, end), to, port))
            }
            None => vec![malformed(from)].into(),
        }
    }

    /// Returns the paths from the internet or from addresses to a workload: through its entries, or directly for
    /// addresses in its network.
    pub(super) fn outside_to_pod(&self, from: &Source, to: WorkloadId, port: Port) -> Ways {
        let Some(end) = end(from) else { return vec![malformed(from)].into() };
        let client = Client::new(self.world, end);
        let through = self.client_to_pod(&client, to, port);
        if !client.is_private() && through.is_none() {
            return vec![Link::new(Layer::Entry, Verdict::Denied, "no route from the internet to it")].into();
        }
        if !client.is_private() {
            return through;
        }
        self.private_to_pod(&client, to, port).or(through)
    }

    fn private_to_pod(&self, client: &Client, to: WorkloadId, port: Port) -> Ways {
        let workload = self.world.workload(to);
        let policies = &self.policies[workload.cluster];
        let nodes = self.pods.interfaces(self.world, to);
        let mut links = Vec::new();
        links.push(cluster::addresses(policies, &policies.pod(to), Traffic::Ingress, client.addresses(), port));
        links.extend(self.meshes[workload.cluster].from_addresses(to, port, client.addresses()));
        self.or_no_nodes(self.to_each(client.end(), &nodes, port)).then(&links)
    }

    /// Returns the paths from a workload to an address.
    pub(super) fn pod_to_address(&self, from: WorkloadId, to: IpAddr, port: Port) -> Ways {
        let workload = self.world.workload(from);
        let policies = &self.policies[workload.cluster];
        let (spans, text) = (spans(to), to.to_string());
        let end = End::Addresses(spans.clone(), text);
        let own = self.pods.interfaces(self.world, from);
        let each = own.iter().map(|it| self.network.between(&End::Interface(it), &end, port));
        // Without any resource of a network, only the objects of the cluster can restrict a connection.
        let has_no_network = self.world.resources.is_empty() && !network::is_private(&spans);
        let ways = match has_no_network {
            true => {
                let why = "the files contain no network of the nodes that could restrict it";
                vec![Link::new(Layer::Route, Verdict::Allowed, why)].into()
            }
            false => self.or_no_nodes(Ways::of(each.collect())),
        };
        let mut links = Vec::new();
        links.push(cluster::addresses(policies, &policies.pod(from), Traffic::Egress, &spans, port));
        links.push(self.meshes[workload.cluster].leaves_for(from, to, port));
        links.extend(self.other_end(&own, to).filter(|_| !has_no_network));
        ways.then(&links)
    }

    /// Returns the paths from a resource to an address.
    pub(super) fn resource_to_address(&self, from: ResourceId, to: IpAddr, port: Port) -> Ways {
        let Some(source) = network::interface(self.world, from) else {
            return vec![Link::new(Layer::Route, Verdict::Unknown, "it has no interface in a VPC")].into();
        };
        let end = End::Addresses(spans(to), to.to_string());
        let mut links = self.network.between(&End::Interface(&source), &end, port);
        links.extend(self.other_end(&[&source], to));
        links.into()
    }

    /// Returns an unknown link for a private address, because its owner's security groups are in no file. The internet
    /// has no security groups.
    fn other_end(&self, own: &[&network::Interface], to: IpAddr) -> Option<Link> {
        let is_near = network::is_private(&spans(to)) || own.is_empty();
        let why = format!("the owner of the address {to} and its open ports are not in the files");
        is_near.then(|| Link::new(Layer::SecurityGroup, Verdict::Unknown, why))
    }

    fn or_no_nodes(&self, ways: Ways) -> Ways {
        let why = "the nodes of the cluster are not in the files";
        if ways.is_none() { vec![Link::new(Layer::Route, Verdict::Unknown, why)].into() } else { ways }
    }
}

/// Returns the end for the internet or for a block, or `None` if the block is invalid.
pub(super) fn end(from: &Source) -> Option<End<'static>> {
    let Source::Addresses(text) = from else { return Some(End::Internet) };
    network::spans(text).map(|spans| End::Addresses(spans, text.clone()))
}

fn malformed(from: &Source) -> Link {
    let text = if let Source::Addresses(text) = from { text.as_str() } else { "" };
    Link::new(Layer::Route, Verdict::Unknown, format!("`{text}` is not a CIDR block"))
}

fn spans(address: IpAddr) -> Vec<(u128, u128)> {
    network::spans(&address.to_string()).unwrap_or_default()
}
