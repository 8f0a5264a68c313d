//! The certificate of a client's proxy: annotations that bypass the proxy, and DestinationRules that replace its TLS.

use super::capture::{self, Capture};
use super::client_certificate::Certificate;
use super::destinations::Tls;
use super::membership::Membership;
use super::services::{self, entries, target_port};
use super::{Mesh, linked};
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::network::number;
use crate::world::{At, WorkloadId};

impl Mesh<'_> {
    /// Returns whether the proxy of a client presents its certificate to a workload.
    pub(super) fn certificate(
        &self,
        other: &Mesh,
        (from, client): (WorkloadId, Membership),
        to: WorkloadId,
        port: Port,
    ) -> Certificate {
        let workload = self.world.workload(from);
        let object = self.world.object_of(from);
        if client == Membership::Ambient {
            return Certificate::Presented;
        }
        let noted = |verdict, why: &str, key: &str| {
            let link = Link::new(Layer::MutualTls, verdict, format!("`{key}` {why}"));
            link.by(object.title(), format!("metadata.annotations[\"{key}\"]"), &object.at)
        };
        let ports = other.called_ports(to, port);
        let captures: Vec<Capture> = ports.iter().map(|it| capture::outbound(workload, client, *it)).collect();
        if let Some(Capture::Unknown(key)) = captures.iter().find(|it| matches!(it, Capture::Unknown(_))) {
            return Certificate::Open(noted(Verdict::Unknown, "may bypass the proxy of the client", key));
        }
        if let Some(Capture::Bypassed(key)) = captures.iter().find(|it| matches!(it, Capture::Bypassed(_))) {
            return match captures.iter().all(|it| matches!(it, Capture::Bypassed(_))) {
                true => Certificate::Omitted(noted(Verdict::Allowed, "bypasses the proxy of the client", key)),
                false => {
                    Certificate::Open(noted(Verdict::Unknown, "bypasses the proxy of the client for some ports", key))
                }
            };
        }
        let cluster = &self.world.clusters[self.cluster];
        let hosts = other.hosts(to);
        let calls = hosts.iter().flat_map(|host| ports.iter().map(move |port| (host, *port)));
        let tls = |((namespace, host), port): (&(String, String), u16)| {
            self.destinations.tls((cluster, &self.config), workload, (namespace.as_str(), host.as_str()), port)
        };
        let all: Vec<Tls> = calls.map(tls).collect();
        let said = |verdict, why: &str, by: &(String, String, At)| {
            linked(Link::new(Layer::MutualTls, verdict, why), Some(by.clone()).filter(|it| !it.0.is_empty()))
        };
        match (all.iter().find(|it| **it != Tls::Mesh), all.iter().all(|it| matches!(it, Tls::Plain(_)))) {
            (None, _) => Certificate::Presented,
            (Some(Tls::Plain(by)), true) => {
                Certificate::Omitted(said(Verdict::Allowed, "the proxy of the client sends plaintext", by))
            }
            (Some(Tls::Plain(by) | Tls::Unknown(by)), _) => {
                let why = "the files do not determine whether the proxy of the client presents its certificate";
                Certificate::Open(said(Verdict::Unknown, why, by))
            }
            (Some(Tls::Mesh), _) => Certificate::Presented,
        }
    }

    /// Returns the ports to which a client connects: those of Services with the workload's port as target, or the port
    /// itself without a Service.
    fn called_ports(&self, to: WorkloadId, port: Port) -> Vec<u16> {
        let services = services::services(self.world, to);
        let own = services.iter().flat_map(|it| entries(it)).filter(|it| target_port(self.world, to, it) == Some(port));
        let ports: Vec<u16> = own.filter_map(|it| number(&it["port"])).collect();
        if ports.is_empty() { vec![port.number] } else { ports }
    }
}
