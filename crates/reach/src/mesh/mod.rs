//! Decisions of a mesh: mutual TLS, authorization, and the egress of client proxies.

mod authorization;
mod capture;
mod certificate;
mod client_certificate;
mod config;
mod destinations;
mod edits;
mod egress;
mod filters;
mod membership;
mod peers;
mod possibilities;
mod request;
mod services;
mod sidecars;
mod waypoints;

use std::collections::{HashMap, HashSet};

use meshsynth_access::istio::Target;
use meshsynth_access::kubernetes::{Labels, Selector};
use serde_json::Value;

use crate::connections::Protocol;
use crate::edit::Edit;
use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::world::{At, Object, WorkloadId, World};
use authorization::{Authorization, Enforcer};
use capture::Capture;
use client_certificate::Certificate;
use config::Config;
use destinations::DestinationRules;
use peers::{Mode, Peers};
use possibilities::agreed;
use request::Request;
use sidecars::{Sends, Sidecars};

pub use membership::Membership;
pub use services::{entries, service_ports, services, target_port};
pub use waypoints::Waypoint;
/// The port on which node proxies receive calls from each other. Source: <https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio>.
pub const HBONE: u16 = 15008;

/// The mesh of one cluster.
#[derive(Debug)]
pub struct Mesh<'a> {
    world: &'a World,
    cluster: usize,
    members: HashMap<WorkloadId, Membership>,
    authorization: Authorization,
    peers: Peers,
    sidecars: Sidecars,
    config: Config,
    destinations: DestinationRules,
    /// The positions of objects that can reject inbound requests in proxies.
    filters: Vec<usize>,
    /// The workloads for which the files do not specify whether they are in the mesh.
    open: HashSet<WorkloadId>,
    has_services: bool,
    /// Whether DestinationRules or annotations can give clients different connections.
    has_client_settings: bool,
}

impl<'a> Mesh<'a> {
    /// Parses the mesh of a cluster.
    pub fn new(world: &'a World, cluster: usize) -> Self {
        let it = &world.clusters[cluster];
        let is_istio = |group: &str| group.ends_with(".istio.io");
        let is_mesh =
            it.objects.iter().any(|it| is_istio(&it.group)) || it.releases.iter().any(|it| it.name == "istiod");
        let keys = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"];
        let says = |labels: &Labels| keys.iter().any(|key| labels.contains_key(*key));
        // Without a label for mesh membership, any workload may be in the mesh.
        let is_said = it.namespaces.values().any(says) || it.releases.iter().any(|it| it.name == "istiod");
        // A gateway can be a user-defined Deployment.
        let gateways = it.objects.iter().filter(|it| it.kind == "Gateway" && it.group == "networking.istio.io");
        let gateways = gateways.map(|it| &it.document["spec"]["selector"]);
        let named = |it: &&Value| it.as_object().is_some_and(|it| !it.is_empty());
        let gateways: Vec<Selector> = gateways.filter(named).map(Selector::labels).collect();
        let none = Labels::new();
        let own = world.workload_ids().filter(|id| world.workload(*id).cluster == cluster);
        let mut open = HashSet::new();
        let mut member = |id: WorkloadId| {
            let workload = world.workload(id);
            let namespace = it.namespaces.get(&workload.namespace).unwrap_or(&none);
            let is_open = !is_said || it.open_namespaces.contains(&workload.namespace);
            match Membership::of(workload, namespace, is_mesh) {
                Membership::None if gateways.iter().any(|it| it.selects(&workload.labels)) => (id, Membership::Proxy),
                Membership::None
                    if is_mesh
                        && is_open
                        && !membership::is_system(&workload.namespace)
                        && !Membership::is_refused(workload) =>
                {
                    open.insert(id);
                    (id, Membership::Sidecar)
                }
                other => (id, other),
            }
        };
        let config = Config::new(it);
        let members = own.map(&mut member).collect();
        Self {
            world,
            cluster,
            members,
            authorization: Authorization::new(it, &config.root),
            peers: Peers::new(it, &config.root),
            sidecars: Sidecars::new(it, &config),
            config,
            destinations: DestinationRules::new(it),
            filters: filters::all(it),
            open,
            has_services: it.objects.iter().any(|it| it.kind == "Service"),
            has_client_settings: it.objects.iter().any(|it| it.kind == "DestinationRule")
                || world.workloads.iter().any(|it| it.cluster == cluster && capture::has_setting(it)),
        }
    }

    /// Returns the mesh membership of a workload.
    pub fn membership(&self, id: WorkloadId) -> Membership {
        self.members.get(&id).copied().unwrap_or(Membership::None)
    }

    /// Returns whether the mesh decides calls of a workload only by the membership of the caller.
    pub fn is_alike_for_all(&self, to: WorkloadId) -> bool {
        let is_free = || !self.authorization.is_about(&self.targets(to));
        let is_uniform = self.sidecars.is_empty() && self.open.is_empty() && !self.has_client_settings;
        is_uniform && (self.membership(to) == Membership::None || is_free())
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
        let (clients, servers) = (self.memberships(from), other.memberships(to));
        let pairs = clients.iter().flat_map(|a| servers.iter().map(move |b| (*a, *b)));
        let each = pairs.map(|(client, server)| self.between_as(other, (from, client), (to, server), port)).collect();
        let why = "the files do not specify whether both pods are in the mesh";
        agreed(each, Link::new(Layer::MutualTls, Verdict::Unknown, why))
    }

    /// Returns the possible memberships of a workload.
    fn memberships(&self, id: WorkloadId) -> Vec<Membership> {
        match self.open.contains(&id) {
            true => vec![Membership::Sidecar, Membership::None],
            false => vec![self.membership(id)],
        }
    }

    fn between_as(
        &self,
        other: &Mesh,
        (from, client): (WorkloadId, Membership),
        (to, server): (WorkloadId, Membership),
        port: Port,
    ) -> Vec<Link> {
        let mut links = Vec::new();
        let mut has_certificate = client != Membership::None;
        if client == Membership::Sidecar {
            let (link, is_known) = self.send(from, &other.hosts(to));
            has_certificate &= is_known;
            links.push(link);
        }
        let receive = |has_certificate: bool| {
            let request = self.request(from, has_certificate, other, to, port);
            other.receive(to, server, port, request)
        };
        let sends = if has_certificate { self.certificate(other, (from, client), to, port) } else { Certificate::None };
        match sends {
            Certificate::Presented => links.extend(receive(true)),
            Certificate::None => links.extend(receive(false)),
            Certificate::Omitted(link) => {
                links.push(link);
                links.extend(receive(false));
            }
            Certificate::Open(link) => links.extend(agreed(vec![receive(true), receive(false)], link)),
        }
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
                "the proxy of the client does not have this host in its configuration, and forwards the call without mutual TLS",
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
        let principal = format!("{}/ns/{}/sa/{}", self.config.trust, workload.namespace, workload.account);
        let tokens = other.authorization.tokens(&other.targets(to));
        Request {
            equal_principals: if has_certificate { other.config.equal_principals(&principal) } else { Vec::new() },
            principal: proven(principal),
            namespace: proven(workload.namespace.clone()),
            account: proven(workload.account.clone()),
            addresses: Vec::new(),
            port: port.number,
            has_tokens: tokens.is_some(),
            issuers: tokens.unwrap_or_default(),
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
            all.extend(self.class(self.world.object_of(id)));
        }
        all
    }

    /// Returns the GatewayClass of a Gateway as a policy target. Policies for a GatewayClass are in the root namespace.
    fn class(&self, gateway: &Object) -> Option<Target> {
        let name = gateway.document["spec"]["gatewayClassName"].as_str()?.to_owned();
        let (namespace, kind) = (self.config.root.clone(), "GatewayClass".to_owned());
        Some(Target { namespace, kind, name, labels: Labels::new() })
    }

    /// Returns the links of a workload for an incoming request.
    fn receive(&self, to: WorkloadId, membership: Membership, port: Port, mut request: Request) -> Vec<Link> {
        let who = self.world.workload(to).title();
        let targets = self.targets(to);
        if membership == Membership::None {
            let why = format!("{who} is not in the mesh");
            return vec![Link::new(Layer::MutualTls, Verdict::Allowed, why)];
        }
        let workload = self.world.workload(to);
        let object = self.world.object_of(to);
        match capture::inbound(workload, membership, port.number, &self.config.excluded_ports) {
            Capture::Proxied => {}
            Capture::Bypassed(key) => {
                let why = format!("port {} bypasses the proxy of {who}", port.number);
                let link = Link::new(Layer::MutualTls, Verdict::Allowed, why);
                return vec![link.by(object.title(), format!("metadata.annotations[\"{key}\"]"), &object.at)];
            }
            Capture::Unknown(key) => {
                let why = format!("the proxy of {who} may not handle port {}", port.number);
                let link = Link::new(Layer::MutualTls, Verdict::Unknown, why);
                return vec![link.by(object.title(), format!("metadata.annotations[\"{key}\"]"), &object.at)];
            }
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
                request.equal_principals.clear();
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
        if link.verdict == Verdict::Allowed && enforcer == Enforcer::Proxy {
            let cluster = &self.world.clusters[self.cluster];
            link = filters::link(cluster, &self.filters, &self.config.root, workload).unwrap_or(link);
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
        targets.extend(self.class(self.world.object_of(by.proxy)));
        targets.extend(by.service.map(|it| target("Service", it)));
        let mut request = other.request(from, true, self, to, port);
        let tokens = self.authorization.tokens(&targets);
        (request.has_tokens, request.issuers) = (tokens.is_some(), tokens.unwrap_or_default());
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
        let tokens = self.authorization.tokens(&self.targets(to));
        let request = Request {
            principal: None,
            equal_principals: Vec::new(),
            namespace: None,
            account: None,
            addresses: addresses.to_vec(),
            port: port.number,
            has_tokens: tokens.is_some(),
            issuers: tokens.unwrap_or_default(),
            is_http: services::is_http(self.world, to, port),
        };
        let each = self.memberships(to).into_iter().map(|it| self.receive(to, it, port, request.clone())).collect();
        let why = "the files do not specify whether the pod is in the mesh";
        agreed(each, Link::new(Layer::MutualTls, Verdict::Unknown, why))
    }
}

/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#tcp-requests>.
fn not_tcp() -> Link {
    Link::new(Layer::MutualTls, Verdict::Allowed, "mesh proxies support only TCP")
}

fn linked(link: Link, by: Option<(String, String, At)>) -> Link {
    by.map_or_else(|| link.clone(), |(what, field, at)| link.clone().by(what, field, &at))
}
