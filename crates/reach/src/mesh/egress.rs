//! Calls that leave the mesh.

use std::net::IpAddr;

use serde_json::Value;

use super::{Membership, Mesh};
use crate::connections::Protocol;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::network::{Cover, cover, spans as spans_of};
use crate::world::{Reference, ResourceId, WorkloadId};

impl Mesh<'_> {
    /// Returns the link of the client's proxy for a resource outside the mesh.
    pub fn leaves(&self, from: WorkloadId, resource: ResourceId) -> Link {
        if self.membership(from) != Membership::Sidecar {
            return Link::new(Layer::MutualTls, Verdict::Allowed, "the client has no proxy for outgoing calls");
        }
        let entries = self.world.clusters[self.cluster].objects.iter().filter(|it| it.kind == "ServiceEntry");
        let hosts = entries.flat_map(|it| {
            let names = it.document["spec"]["hosts"].as_array().into_iter().flatten().filter_map(|it| it.as_str());
            names.map(|name| (it.namespace.clone(), name.to_owned())).collect::<Vec<_>>()
        });
        let names = |host: &str| Reference::within(host).iter().any(|it| self.world.referred(it) == Some(resource));
        let hosts: Vec<(String, String)> = hosts.filter(|(_, host)| names(host)).collect();
        self.if_proxied(from, self.send(from, &hosts).0)
    }

    /// Returns the link of the client's proxy for an address outside the mesh.
    pub fn leaves_for(&self, from: WorkloadId, address: IpAddr, port: Port) -> Link {
        if self.membership(from) != Membership::Sidecar || port.protocol != Protocol::Tcp {
            return Link::new(Layer::MutualTls, Verdict::Allowed, "the client has no proxy for outgoing calls");
        }
        let entries = self.world.clusters[self.cluster].objects.iter().filter(|it| it.kind == "ServiceEntry");
        let hosts = entries.filter(|it| is_about(&it.document["spec"], address, port)).flat_map(|it| {
            let names = it.document["spec"]["hosts"].as_array().into_iter().flatten().filter_map(|it| it.as_str());
            names.map(|name| (it.namespace.clone(), name.to_owned())).collect::<Vec<_>>()
        });
        self.if_proxied(from, self.send(from, &hosts.collect::<Vec<_>>()).0)
    }

    /// Returns the link of a client's proxy, which is unknown if the client may have no proxy.
    fn if_proxied(&self, from: WorkloadId, link: Link) -> Link {
        if link.verdict != Verdict::Denied || !self.open.contains(&from) {
            return link;
        }
        let why = format!("{}, if the pod is in the mesh", link.why);
        Link { verdict: Verdict::Unknown, why, ..link }
    }
}

/// Whether a ServiceEntry contains an address and a port.
fn is_about(spec: &Value, address: IpAddr, port: Port) -> bool {
    let addresses = spec["addresses"].as_array().into_iter().flatten();
    let endpoints = spec["endpoints"].as_array().into_iter().flatten().map(|it| &it["address"]);
    let holds = |it: &str| {
        let all = (spans_of(it), spans_of(&address.to_string()));
        matches!(all, (Some(block), Some(one)) if cover(&block, &one) == Cover::All)
    };
    let ports = spec["ports"].as_array().into_iter().flatten();
    let is_port = ports.into_iter().any(|it| it["number"].as_u64() == Some(port.number.into()));
    addresses.chain(endpoints).filter_map(Value::as_str).any(holds) && is_port
}
