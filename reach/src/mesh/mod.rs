//! Decisions of a mesh: mutual TLS, authorization, and the egress of client proxies.

mod authorization;
mod edits;
mod membership;
mod peers;
mod request;
mod services;
mod sidecars;
mod waypoints;

use std::collections::HashMap;
use std::net::IpAddr;

use meshsynth_access::istio::Target;
use meshsynth_access::kubernetes::{Labels, Selector};
use serde_json::Value;

use crate::connections::Protocol;
use crate::edit::Edit;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::network::{Cover, cover, spans as spans_of};
use crate::world::{At, Object, Reference, ResourceId, WorkloadId, World};
use authorization::{Authorization, Enforcer};
use peers::{Mode, Peers};
use request::Request;
use sidecars::{Sends, Sidecars};

pub use membership::Membership;
pub use services::{entries, service_ports, services, target_port};
pub use waypoints::Waypoint;

/// The port on which node proxies receive calls from each other.
///
/// Source: <https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio>.
pub const HBONE: u16 = 15008;
/// The default root namespace, which contains the mesh-wide policies.
const ROOT: &str = "istio-system";

/// The mesh of one cluster.
#[derive(Debug)]
pub struct Mesh<'a> {
    world: &'a World,
    cluster: usize,
    members: HashMap<WorkloadId, Membership>,
    authorization: Authorization,
    peers: Peers,
    sidecars: Sidecars,
    trust: String,
    has_services: bool,
}

impl<'a> Mesh<'a> {
    /// Parses the mesh of a cluster.
    pub fn new(world: &'a World, cluster: usize) -> Self {
        let it = &world.clusters[cluster];
        let is_istio = |group: &str| group == "security.istio.io" || group == "networking.istio.io";
        let is_mesh =
            it.objects.iter().any(|it| is_istio(&it.group)) || it.releases.iter().any(|it| it.name == "istiod");
        let keys = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"];
        let says = |labels: &Labels| keys.iter().any(|key| labels.contains_key(*key));
        // Without a label for mesh membership, mesh policies apply to all workloads.
        let is_said = it.namespaces.values().any(says) || it.releases.iter().any(|it| it.name == "istiod");
        // A gateway can be a user-defined Deployment.
        let gateways = it.objects.iter().filter(|it| it.kind == "Gateway" && it.group == "networking.istio.io");
        let gateways = gateways.map(|it| &it.document["spec"]["selector"]);
        let named = |it: &&Value| it.as_object().is_some_and(|it| !it.is_empty());
        let gateways: Vec<Selector> = gateways.filter(named).map(Selector::labels).collect();
        let none = Labels::new();
        let own = world.workload_ids().filter(|id| world.workload(*id).cluster == cluster);
        let member = |id: WorkloadId| {
            let workload = world.workload(id);
            let namespace = it.namespaces.get(&workload.namespace).unwrap_or(&none);
            match Membership::of(workload, namespace, is_mesh) {
                Membership::None if gateways.iter().any(|it| it.selects(&workload.labels)) => (id, Membership::Proxy),
                Membership::None if is_mesh && !is_said && !workload.is_on_host => (id, Membership::Sidecar),
                other => (id, other),
            }
        };
        let config = it.releases.iter().map(|it| &it.values["meshConfig"]);
        let text = |key: &str| config.clone().find_map(|it| it[key].as_str()).map(str::to_owned);
        let root = text("rootNamespace").unwrap_or_else(|| ROOT.to_owned());
        Self {
            world,
            cluster,
            members: own.map(member).collect(),
            authorization: Authorization::new(it, &root),
            peers: Peers::new(it, &root),
            sidecars: Sidecars::new(it, &root),
            trust: text("trustDomain").unwrap_or_else(|| "cluster.local".to_owned()),
            has_services: it.objects.iter().any(|it| it.kind == "Service"),
        }
    }

    /// Returns the mesh membership of a workload.
    pub fn membership(&self, id: WorkloadId) -> Membership {
        self.members.get(&id).copied().unwrap_or(Membership::None)
    }

    /// Returns whether the mesh decides calls of a workload only by the membership of the caller.
    pub fn is_alike_for_all(&self, to: WorkloadId) -> bool {
        let is_free = || !self.authorization.is_about(&self.targets(to));
        self.sidecars.is_empty() && (self.membership(to) == Membership::None || is_free())
    }

    /// Returns the waypoints for calls to a port of a workload.
    pub fn waypoints(&self, id: WorkloadId, port: Port) -> Vec<Waypoint<'a>> {
        match self.membership(id) {
            Membership::Ambient => waypoints::waypoints(self.world, id, port),
            _ => Vec::new(),
        }
    }

    /// Returns the port of the network packets between two workloads.
    pub fn wire(&self, from: WorkloadId, to: WorkloadId, port: Port) -> Port {
        let is_tunnel = self.membership(from) != Membership::None && self.membership(to) == Membership::Ambient;
        if is_tunnel { Port::tcp(HBONE) } else { port }
    }

    /// Returns the mesh decisions about a call from one workload to another, which may be in another cluster.
    pub fn between(&self, other: &Mesh, from: WorkloadId, to: WorkloadId, port: Port) -> Vec<Link> {
        if port.protocol != Protocol::Tcp {
            return vec![not_tcp()];
        }
        let mut links = Vec::new();
        let is_member = self.membership(from) != Membership::None;
        let mut has_certificate = is_member;
        if self.membership(from) == Membership::Sidecar {
            let (link, is_known) = self.send(from, &other.hosts(to));
            has_certificate &= is_known;
            links.push(link);
        }
        let request = self.request(from, has_certificate, other, to, port);
        links.extend(other.receive(to, port, request));
        links
    }

    /// Whether a client's proxy, if it has one, has a workload in its registry.
    pub fn knows(&self, from: WorkloadId, other: &Mesh, to: WorkloadId) -> bool {
        self.membership(from) != Membership::Sidecar || self.send(from, &other.hosts(to)).1
    }

    /// Returns the host names of a workload, each with its namespace.
    fn hosts(&self, id: WorkloadId) -> Vec<(String, String)> {
        // If the files contain no Service, host names are irrelevant. Each workload is assumed to have one.
        if !self.has_services {
            let workload = self.world.workload(id);
            let host = format!("{}.{}.svc.cluster.local", workload.name, workload.namespace);
            return vec![(workload.namespace.clone(), host)];
        }
        let all = services::services(self.world, id).into_iter();
        all.map(|it| (it.namespace.clone(), format!("{}.{}.svc.cluster.local", it.name, it.namespace))).collect()
    }

    /// Returns the link of the client's proxy, and whether it presents its certificate.
    fn send(&self, from: WorkloadId, hosts: &[(String, String)]) -> (Link, bool) {
        let workload = self.world.workload(from);
        let (verdict, why, by, is_known) = match self.sidecars.sends(workload, hosts) {
            Sends::Known(by) => {
                (Verdict::Allowed, "the proxy of the client has this host in its configuration", by, true)
            }
            Sends::Passes(by) => (
                Verdict::Allowed,
                "the proxy of the client does not have this host in its configuration, and forwards without a certificate",
                by,
                false,
            ),
            Sends::Refuses(by) => (
                Verdict::Denied,
                "the proxy of the client does not have this host in its configuration, and rejects the call",
                by,
                false,
            ),
        };
        let edit = match (&by, hosts.first(), verdict) {
            (Some((what, _, at)), Some((namespace, host)), Verdict::Denied) => {
                Some(Edit::add(what, "spec.egress[0].hosts", at, format!("{namespace}/{host}").into()))
            }
            _ => None,
        };
        (linked(Link::new(Layer::MutualTls, verdict, why), by).edited(edit.into_iter().collect()), is_known)
    }

    fn request(&self, from: WorkloadId, has_certificate: bool, other: &Mesh, to: WorkloadId, port: Port) -> Request {
        let workload = self.world.workload(from);
        let proven = |text: String| has_certificate.then_some(text);
        Request {
            principal: proven(format!("{}/ns/{}/sa/{}", self.trust, workload.namespace, workload.account)),
            namespace: proven(workload.namespace.clone()),
            account: proven(workload.account.clone()),
            addresses: Vec::new(),
            port: port.number,
            has_tokens: other.authorization.has_tokens(&other.targets(to)),
            is_http: services::is_http(self.world, to, port),
        }
    }

    fn targets(&self, id: WorkloadId) -> Vec<Target> {
        let workload = self.world.workload(id);
        let target = |kind: &str, name: &str| Target {
            namespace: workload.namespace.clone(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            labels: workload.labels.clone(),
        };
        let mut all = vec![target("Workload", "")];
        if workload.kind == "Gateway" {
            all.push(target("Gateway", &self.world.object_of(id).name));
        }
        all
    }

    /// Returns the links of a workload for an incoming request.
    fn receive(&self, to: WorkloadId, port: Port, mut request: Request) -> Vec<Link> {
        let membership = self.membership(to);
        let who = self.world.workload(to).title();
        let targets = self.targets(to);
        if membership == Membership::None {
            let why = format!("{who} is not in the mesh");
            return vec![Link::new(Layer::MutualTls, Verdict::Allowed, why)];
        }
        let mut links = Vec::new();
        if membership != Membership::Proxy {
            let said = self.peers.mode(&targets[0], port.number);
            let (verdict, why) = match (said.mode, request.principal.is_some()) {
                (Mode::Strict, false) => (Verdict::Denied, "accepts only clients with a mesh certificate"),
                (Mode::Strict, true) => (Verdict::Allowed, "both have mesh certificates"),
                (Mode::Permissive, _) => (Verdict::Allowed, "accepts clients with and without a certificate"),
                (Mode::Disable, _) => (Verdict::Allowed, "accepts plain text, so the client has no identity"),
            };
            if said.mode == Mode::Disable && membership == Membership::Sidecar {
                (request.principal, request.namespace, request.account) = (None, None, None);
            }
            let edit = (verdict == Verdict::Denied)
                .then(|| edits::permit(&said, self.world.object_of(to), self.world.workload(to), port.number));
            let link = linked(Link::new(Layer::MutualTls, verdict, why), said.by);
            links.push(link.edited(edit.flatten().into_iter().collect()));
        }
        let enforcer = if membership == Membership::Ambient { Enforcer::Node } else { Enforcer::Proxy };
        if enforcer == Enforcer::Node {
            request.is_http = false;
        }
        let mut link = self.authorization.decide(&targets, enforcer, &request);
        if link.verdict == Verdict::Allowed {
            let edit = edits::deny(&request, self.world.object_of(to), self.world.workload(to));
            link.edits = edit.into_iter().collect();
        }
        links.push(link);
        links
    }

    /// Returns the links of a waypoint for a call to a workload.
    pub fn at_waypoint(&self, other: &Mesh, from: WorkloadId, to: WorkloadId, port: Port, by: &Waypoint) -> Vec<Link> {
        let target = |kind: &str, object: &Object| Target {
            namespace: object.namespace.clone(),
            kind: kind.to_owned(),
            name: object.name.clone(),
            labels: Labels::new(),
        };
        let mut targets = vec![target("Gateway", self.world.object_of(by.proxy))];
        targets.extend(by.service.map(|it| target("Service", it)));
        let mut request = other.request(from, true, self, to, port);
        request.has_tokens = self.authorization.has_tokens(&targets);
        vec![self.authorization.decide(&targets, Enforcer::Waypoint, &request)]
    }

    /// Returns the links for a client outside the mesh.
    pub fn from_outside(&self, to: WorkloadId, port: Port) -> Vec<Link> {
        self.from_addresses(to, port, &[])
    }

    /// Returns the links for a client outside the mesh with specific addresses.
    pub fn from_addresses(&self, to: WorkloadId, port: Port, addresses: &[(u128, u128)]) -> Vec<Link> {
        if port.protocol != Protocol::Tcp {
            return vec![not_tcp()];
        }
        let request = Request {
            principal: None,
            namespace: None,
            account: None,
            addresses: addresses.to_vec(),
            port: port.number,
            has_tokens: self.authorization.has_tokens(&self.targets(to)),
            is_http: services::is_http(self.world, to, port),
        };
        self.receive(to, port, request)
    }

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
        self.send(from, &hosts).0
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
        self.send(from, &hosts.collect::<Vec<_>>()).0
    }
}

/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#tcp-requests>.
fn not_tcp() -> Link {
    Link::new(Layer::MutualTls, Verdict::Allowed, "mesh proxies support only TCP")
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

fn linked(link: Link, by: Option<(String, String, At)>) -> Link {
    match by {
        Some((what, field, at)) => link.by(what, field, &at),
        None => link,
    }
}
