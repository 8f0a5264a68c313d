//! Answers reachability queries about a world.

mod addresses;
mod cluster;
mod credentials;
mod fronts;
mod labelled;
mod metadata;
mod networks;
mod outside;
mod pairs;
mod pods;
mod policy_edits;
mod resources;
mod variants;
mod verdict;
mod ways;
mod words;

use std::sync::OnceLock;

use meshsynth_access::kubernetes::Traffic;

use crate::answer::Answer;
use crate::ends::{Port, Source, Target};
use crate::entries::{Listeners, Routes};
use crate::identity::Identities;
use crate::kubernetes::{Pod, Policies, Side};
use crate::link::{Layer, Link, Verdict};
use crate::mesh::{self, Membership, Mesh};
use crate::network::{self, End, Interface, Network};
use crate::world::{ResourceId, WorkloadId, World};
use pods::Pods;
use ways::Ways;

pub use labelled::Labelled;
pub use pairs::Pair;

/// A world, prepared for queries.
#[derive(Debug)]
pub struct Engine<'a> {
    world: &'a World,
    network: Network<'a>,
    policies: Vec<Policies<'a>>,
    meshes: Vec<Mesh<'a>>,
    pods: Pods,
    identities: Identities<'a>,
    /// The routes of each cluster.
    routes: Vec<Routes<'a>>,
    listeners: Listeners,
    /// The engines of the variants of the world.
    variants: OnceLock<Vec<Engine<'a>>>,
}

impl<'a> Engine<'a> {
    /// Prepares a world.
    pub fn new(world: &'a World) -> Self {
        let pods = Pods::new(world);
        let policies = |at| Policies::with_addresses(world, at, |id| pods.addresses(world, id));
        Self {
            world,
            network: Network::new(world),
            policies: (0..world.clusters.len()).map(policies).collect(),
            meshes: (0..world.clusters.len()).map(|at| Mesh::new(world, at)).collect(),
            pods,
            identities: Identities::new(world),
            routes: (0..world.clusters.len()).map(|at| Routes::new(world, at)).collect(),
            listeners: Listeners::new(world),
            variants: OnceLock::new(),
        }
    }

    /// Returns the world.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// Returns the identities and their permissions.
    pub fn identities(&self) -> &Identities<'a> {
        &self.identities
    }

    /// Returns the network policies of a cluster.
    pub fn policies(&self, cluster: usize) -> &Policies<'a> {
        &self.policies[cluster]
    }

    /// Returns the node groups that run the pods of a workload.
    pub fn node_groups(&self, id: WorkloadId) -> &[ResourceId] {
        self.pods.node_groups(self.world.workload(id).cluster)
    }

    /// Whether the files define the nodes that run the pods of a workload.
    pub fn has_known_nodes(&self, id: WorkloadId) -> bool {
        self.pods.are_known(self.world.workload(id).cluster)
    }

    /// Returns whether a source reaches a target, and the links that decide it.
    pub fn ask(&self, source: &Source, target: &Target) -> Answer {
        if let Some(pods) = Labelled::new(self.world, source) {
            return pods.ask(&Engine::new(pods.world()), target);
        }
        self.for_all_values(source, target, Self::ways)
    }

    /// Returns the answer of [`Engine::ask`] without fixes.
    pub fn explain(&self, source: &Source, target: &Target) -> Answer {
        if matches!(source, Source::Pods { .. }) || self.has_open_values() {
            return Answer { fixes: Vec::new(), ..self.ask(source, target) };
        }
        let chain = self.ways(source, target).best();
        let (from, to) = (words::say_source(self.world, source), words::say_target(self.world, target));
        Answer { from, to, verdict: ways::worst(&chain), chain, fixes: Vec::new() }
    }

    /// Returns the answer if it has the given verdict. Most queries of a check have the other verdict, which needs no
    /// fixes.
    pub fn ask_for(&self, source: &Source, target: &Target, verdict: Verdict) -> Option<Answer> {
        if self.has_open_values() {
            return Some(self.ask(source, target)).filter(|it| it.verdict == verdict);
        }
        let ways = self.ways(source, target);
        (ways::worst(ways.best_chain()) == verdict).then(|| self.answer(source, target, &ways))
    }

    fn ways(&self, source: &Source, target: &Target) -> Ways {
        self.by_api(source, target).unwrap_or_else(|| {
            let network = self.by_network(source, target);
            let login = self.by_login(source, target);
            if login.is_none() { network } else { network.and(&login) }
        })
    }

    fn answer(&self, source: &Source, target: &Target, ways: &Ways) -> Answer {
        let (from, to) = (words::say_source(self.world, source), words::say_target(self.world, target));
        Answer::of_ways(from, to, ways.best(), ways.chains())
    }

    /// Returns whether connections from a source reach a target and are accepted there, independent of a login.
    pub fn connects(&self, source: &Source, target: &Target) -> Answer {
        self.for_all_values(source, target, Self::by_network)
    }

    /// Returns the answer of [`Self::connects`] if it has the given verdict.
    pub fn connects_for(&self, source: &Source, target: &Target, verdict: Verdict) -> Option<Answer> {
        if self.has_open_values() {
            return Some(self.connects(source, target)).filter(|it| it.verdict == verdict);
        }
        let ways = self.by_network(source, target);
        (ways::worst(ways.best_chain()) == verdict).then(|| self.answer(source, target, &ways))
    }

    /// Returns the network paths of a connection.
    fn by_network(&self, source: &Source, target: &Target) -> Ways {
        match (source, target) {
            (Source::Workload(from), Target::Workload(to, port)) => {
                let ports = port.map_or_else(|| self.ports(*to), |it| vec![it]);
                self.best(&ports, |port| self.pod_to_pod(*from, *to, port))
            }
            (Source::Workload(from), Target::Resource(to, port)) => {
                let ports = port.map_or_else(|| self.ports_of_resource(*to), |it| vec![it]);
                self.best(&ports, |port| self.pod_to_resource(*from, *to, port))
            }
            (Source::Resource(from), Target::Resource(to, port)) => {
                let ports = port.map_or_else(|| self.ports_of_resource(*to), |it| vec![it]);
                self.best(&ports, |port| self.resource_to_resource(*from, *to, port))
            }
            (Source::Internet | Source::Addresses(_), Target::Resource(to, port)) => {
                let ports = port.map_or_else(|| self.ports_of_resource(*to), |it| vec![it]);
                self.best(&ports, |port| self.outside_to_resource(source, *to, port))
            }
            (Source::Internet | Source::Addresses(_), Target::Workload(to, port)) => {
                let ports = port.map_or_else(|| self.ports(*to), |it| vec![it]);
                self.best(&ports, |port| self.outside_to_pod(source, *to, port))
            }
            (Source::Resource(from), Target::Workload(to, port)) => {
                let ports = port.map_or_else(|| self.ports(*to), |it| vec![it]);
                self.best(&ports, |port| self.resource_to_any_pod(*from, *to, port))
            }
            (Source::Workload(from), Target::Address(to, port)) => self.pod_to_address(*from, *to, *port),
            (Source::Resource(from), Target::Address(to, port)) => self.resource_to_address(*from, *to, *port),
            (Source::Internet | Source::Addresses(_), Target::Address(..)) => vec![Link::new(
                Layer::Route,
                Verdict::Unknown,
                "the platform contains neither the source nor the target",
            )]
            .into(),
            // Pods of a cluster are queried as a workload.
            (Source::Pods { cluster, .. }, _) => {
                let why = format!("the platform has no cluster `{cluster}`");
                vec![Link::new(Layer::Route, Verdict::Unknown, why)].into()
            }
            // For these, only credentials matter.
            (Source::Role(_) | Source::Principal(_) | Source::Account(_), _) | (_, Target::Action(..)) => {
                Ways::default()
            }
        }
    }

    /// Returns the paths of all ports.
    fn best(&self, ports: &[Port], ways: impl Fn(Port) -> Ways) -> Ways {
        if ports.is_empty() {
            let why = "the target declares no port, and the query names no port";
            return vec![Link::new(Layer::Entry, Verdict::Unknown, why)].into();
        }
        ports.iter().fold(Ways::default(), |all, port| all.or(ways(*port)))
    }

    /// Returns the ports of a workload: those that its containers declare, and the target ports of its Services.
    pub fn ports(&self, id: WorkloadId) -> Vec<Port> {
        let workload = self.world.workload(id);
        let declared = workload.ports.iter().map(|it| Port { protocol: it.protocol, number: it.number });
        let mut ports: Vec<Port> = declared.chain(mesh::service_ports(self.world, id)).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Returns the paths from one pod to another: directly, or through a waypoint.
    fn pod_to_pod(&self, from: WorkloadId, to: WorkloadId, port: Port) -> Ways {
        let (a, b) = (self.mesh_of(from), self.mesh_of(to));
        let direct = self.packets(from, to, a.wire(from, to, port)).then(&a.between(b, from, to, port));
        let direct = direct.or(self.by_gateway(from, to, port));
        if a.membership(from) == Membership::None {
            return direct;
        }
        let tunnel = Port::tcp(mesh::HBONE);
        b.waypoints(to, port).into_iter().filter(|it| it.proxy != from).fold(direct, |all, it| {
            let through = self.packets(from, it.proxy, tunnel).then(&b.at_waypoint(a, from, to, port, &it));
            let behind = self.packets(it.proxy, to, tunnel).then(&b.between(b, it.proxy, to, port));
            all.or(through.and(&behind))
        })
    }

    fn mesh_of(&self, id: WorkloadId) -> &Mesh<'a> {
        &self.meshes[self.world.workload(id).cluster]
    }

    /// Returns the paths between two pods through the AWS network and the cluster networks.
    fn packets(&self, from: WorkloadId, to: WorkloadId, port: Port) -> Ways {
        let (source, target) = (self.world.workload(from), self.world.workload(to));
        let (out, into) = (&self.policies[source.cluster], &self.policies[target.cluster]);
        let (a, b) = (out.pod(from), into.pod(to));
        let mut links = Vec::new();
        if source.cluster == target.cluster {
            links.push(cluster::network_policy(out, &a, Traffic::Egress, &Side::Pod(b), port));
            links.push(cluster::network_policy(into, &b, Traffic::Ingress, &Side::Pod(a), port));
        } else {
            links.push(self.policy_of_addresses(out, &a, Traffic::Egress, &self.pods.interfaces(self.world, to), port));
            links.push(self.policy_of_addresses(
                into,
                &b,
                Traffic::Ingress,
                &self.pods.interfaces(self.world, from),
                port,
            ));
        }
        self.between_pods(from, to, port).then(&links)
    }

    /// Returns the paths between two pods through the AWS network, for the nodes with the best verdict.
    fn between_pods(&self, from: WorkloadId, to: WorkloadId, port: Port) -> Ways {
        let (a, b) = (self.pods.interfaces(self.world, from), self.pods.interfaces(self.world, to));
        if a.is_empty() || b.is_empty() {
            let is_one = self.world.workload(from).cluster == self.world.workload(to).cluster;
            let (verdict, why) = match is_one {
                true => (
                    Verdict::Allowed,
                    "the nodes of the cluster are not in the files, so its pods are assumed to reach each other",
                ),
                false => (Verdict::Unknown, "the nodes of the clusters are not in the files"),
            };
            return vec![Link::new(Layer::Route, verdict, why)].into();
        }
        self.interfaces(&a, &b, port)
    }

    /// Returns the chains from each interface to each other interface.
    fn interfaces(&self, from: &[&Interface], to: &[&Interface], port: Port) -> Ways {
        let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (*a, *b)));
        let chain = |(a, b)| self.network.between(&End::Interface(a), &End::Interface(b), port);
        Ways::of(pairs.map(chain).collect())
    }

    /// Returns the chains from one end to each interface.
    fn to_each(&self, from: &End, to: &[&Interface], port: Port) -> Ways {
        Ways::of(to.iter().map(|it| self.network.between(from, &End::Interface(it), port)).collect())
    }

    /// Returns the addresses of a subnet; empty if the template does not specify them.
    fn block(&self, subnet: ResourceId) -> Vec<(u128, u128)> {
        self.world.resource(subnet).property("CidrBlock").as_str().and_then(network::spans).unwrap_or_default()
    }

    pub(super) fn policy_of_addresses(
        &self,
        policies: &Policies,
        pod: &Pod,
        traffic: Traffic,
        other: &[&Interface],
        port: Port,
    ) -> Link {
        let of = |spans: &[(u128, u128)]| cluster::addresses(policies, pod, traffic, spans, port);
        let each = other.iter().flat_map(|it| match it.addresses.is_empty() {
            true => it.subnets.iter().map(|subnet| of(&self.block(*subnet))).collect(),
            false => vec![of(&it.addresses)],
        });
        let best = each.reduce(|a, b| if b.verdict < a.verdict { b } else { a });
        best.unwrap_or_else(|| Link::new(Layer::NetworkPolicy, Verdict::Unknown, "the addresses are not in the files"))
    }
}
