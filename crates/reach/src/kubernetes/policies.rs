//! The network policies of a cluster, and their decisions about two ends.

use std::collections::HashMap;

use meshsynth_access::kubernetes::{Labels, Traffic};

use super::admin::{Action, AdminPolicy};
use super::index::Index;
use super::members::Members;
use super::peer::{PeerKind, PeerTest, Pod, Side};
use super::policy::Policy;
use super::port::{self, PortTest};
use super::unsupported::{self, Unsupported};
use crate::connections::Connections;
use crate::ends::Port;
use crate::identity::Truth;
use crate::world::{At, Workload, WorkloadId, World};

/// The policies of one cluster.
#[derive(Debug)]
pub struct Policies<'a> {
    world: &'a World,
    cluster: usize,
    members: Vec<WorkloadId>,
    places: HashMap<WorkloadId, usize>,
    policies: Vec<Policy>,
    /// The admin policies, by priority.
    admin: Vec<AdminPolicy>,
    base: Vec<AdminPolicy>,
    /// The policies that select each member.
    of_member: Vec<Vec<usize>>,
    /// The addresses at which policy decisions may change, in order.
    cuts: Vec<u128>,
    /// Whether some peers match pods that the files do not determine.
    has_open_peers: bool,
    /// Policies that the engine does not evaluate.
    unsupported: Vec<Unsupported>,
}

/// The treatment of peers that may match. A guess gives the most permissive or the most restrictive decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Rules that allow match, and rules that deny do not match.
    Open,
    /// Rules that deny match, and rules that allow do not match.
    Closed,
}

impl Guess {
    fn applies(self, truth: Truth, allows: bool) -> bool {
        match truth {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Unknown => (self == Self::Open) == allows,
        }
    }
}

/// A step of a decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The connections that it decides.
    pub connections: Connections,
    /// Whether they are admitted.
    pub admits: bool,
    /// The deciding policies, most relevant first. Empty if no policy applies.
    pub by: Vec<(String, At)>,
    /// The deciding field; empty if there is none.
    pub field: String,
}

impl<'a> Policies<'a> {
    /// Parses the policies of a cluster whose pods have unknown addresses.
    pub fn new(world: &'a World, cluster: usize) -> Self {
        Self::with_addresses(world, cluster, |_| None)
    }

    /// Parses the policies of a cluster. A function returns the ranges that contain the addresses of a workload's pods,
    /// or `None` if the files do not determine them.
    pub fn with_addresses(
        world: &'a World,
        cluster: usize,
        addresses: impl Fn(WorkloadId) -> Option<Vec<(u128, u128)>>,
    ) -> Self {
        let members: Vec<WorkloadId> =
            world.workload_ids().filter(|id| world.workload(*id).cluster == cluster).collect();
        let objects = &world.clusters[cluster].objects;
        let of_kind = |kind: &'static str| objects.iter().filter(move |it| it.kind == kind);
        let is_plain = |group: &str| group == "networking.k8s.io" || group == "extensions";
        let mut policies: Vec<Policy> =
            of_kind("NetworkPolicy").filter(|it| is_plain(&it.group)).map(Policy::parse).collect();
        let mut admin: Vec<AdminPolicy> = of_kind("AdminNetworkPolicy").map(AdminPolicy::parse).collect();
        admin.sort_by_key(|it| it.priority);
        let mut base: Vec<AdminPolicy> = of_kind("BaselineAdminNetworkPolicy").map(AdminPolicy::parse).collect();
        let index = Index::new(world, cluster, &members, members.iter().map(|id| addresses(*id)).collect());
        policies.iter_mut().flat_map(Policy::tests).for_each(|test| index.fill(test));
        admin.iter_mut().chain(&mut base).flat_map(AdminPolicy::tests).for_each(|test| index.fill(test));
        let mut of_member = vec![Vec::new(); members.len()];
        for (at, policy) in policies.iter().enumerate() {
            let selected = index.pods.select(&policy.selector);
            for member in index.in_namespace(&policy.namespace) {
                if selected.has(*member) {
                    of_member[*member].push(at);
                }
            }
        }
        let places = members.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let cuts = cuts(&policies, &admin.iter().chain(&base).collect::<Vec<_>>());
        let unsupported = unsupported::all(objects);
        let mut parsed = Self {
            world,
            cluster,
            members,
            places,
            policies,
            admin,
            base,
            of_member,
            cuts,
            has_open_peers: false,
            unsupported,
        };
        let tests = parsed.policies.iter_mut().flat_map(Policy::tests);
        let tests = tests.chain(parsed.admin.iter_mut().chain(&mut parsed.base).flat_map(AdminPolicy::tests));
        parsed.has_open_peers = tests.into_iter().any(|it| it.kind.is_other() || !it.open.is_none());
        parsed
    }

    /// Returns the workloads of the cluster.
    pub fn members(&self) -> &[WorkloadId] {
        &self.members
    }

    /// Returns the pods of a workload.
    pub fn pod(&self, id: WorkloadId) -> Pod<'a> {
        let workload = self.world.workload(id);
        Pod {
            member: self.places.get(&id).copied(),
            namespace: &workload.namespace,
            namespace_labels: self.namespace(&workload.namespace),
            labels: &workload.labels,
            workload: Some(workload),
        }
    }

    /// Returns the labels of a namespace.
    pub fn namespace(&self, name: &str) -> &'a Labels {
        static NONE: Labels = Labels::new();
        self.world.clusters[self.cluster].namespaces.get(name).unwrap_or(&NONE)
    }

    /// Returns the connections between two ends that the policies of both certainly admit.
    pub fn between(&self, from: &Side, to: &Side) -> Connections {
        self.between_as(Guess::Closed, from, to)
    }

    /// Returns the connections between two ends that the policies of both may admit.
    pub fn may_between(&self, from: &Side, to: &Side) -> Connections {
        self.between_as(Guess::Open, from, to)
    }

    fn between_as(&self, guess: Guess, from: &Side, to: &Side) -> Connections {
        let out = match from {
            Side::Pod(pod) => self.admits_as(guess, pod, Traffic::Egress, to),
            Side::Addresses(..) => Connections::all(),
        };
        if out.is_none() {
            return out;
        }
        match to {
            Side::Pod(pod) => out.and(&self.admits_as(guess, pod, Traffic::Ingress, from)),
            Side::Addresses(..) => out,
        }
    }

    /// Whether some decisions depend on facts that the files do not contain.
    pub fn has_open_peers(&self) -> bool {
        self.has_open_peers
    }

    /// Whether policies admit or deny each connection between pods with certainty.
    pub fn is_certain(&self) -> bool {
        let is_on_host = |id: &WorkloadId| self.world.workload(*id).is_on_host;
        !self.has_open_peers && self.unsupported.is_empty() && !self.members.iter().any(is_on_host)
    }

    /// Returns a policy that applies to a pod and that the engine does not evaluate.
    pub fn unsupported(&self, pod: &Pod) -> Option<&Unsupported> {
        self.unsupported.iter().find(|it| it.may_select(pod))
    }

    /// Returns the workloads that may connect to a workload according to policies. All others are denied.
    pub fn callers(&self, to: WorkloadId) -> Vec<WorkloadId> {
        let all = || self.members.clone();
        let is_plain = self.admin.is_empty() && self.base.is_empty() && self.unsupported.is_empty();
        let (Some(place), true) = (self.places.get(&to), is_plain) else {
            return all();
        };
        let about = self.of_member[*place].iter().filter_map(|at| self.policies[*at].rules(Traffic::Ingress));
        let (mut is_isolated, mut taken) = (false, Members::none(self.members.len()));
        for rule in about.inspect(|_| is_isolated = true).flatten() {
            let Some(peers) = &rule.peers else { return all() };
            for peer in peers {
                taken.or(&peer.members);
                taken.or(&peer.open);
            }
        }
        let callers = self.members.iter().enumerate().filter(|(at, _)| taken.has(*at)).map(|(_, id)| *id);
        if is_isolated { callers.collect() } else { all() }
    }

    /// Returns the connections of a pod in a direction that policies certainly admit.
    pub fn admits(&self, pod: &Pod, traffic: Traffic, other: &Side) -> Connections {
        self.admits_as(Guess::Closed, pod, traffic, other)
    }

    fn admits_as(&self, guess: Guess, pod: &Pod, traffic: Traffic, other: &Side) -> Connections {
        if guess == Guess::Open && (pod.is_on_host() || self.unsupported(pod).is_some()) {
            return Connections::all();
        }
        if self.admin.is_empty() && self.base.is_empty() {
            return self.plainly(guess, pod, traffic, other);
        }
        let steps = self.decide(guess, pod, traffic, other).into_iter().filter(|step| step.admits);
        steps.fold(Connections::none(), |all, step| all.or(&step.connections))
    }

    /// Returns the admitted connections like [`Self::admits_as`], if there are only network policies.
    fn plainly(&self, guess: Guess, pod: &Pod, traffic: Traffic, other: &Side) -> Connections {
        let receiver = receiver(pod, traffic, other);
        let mut is_isolated = false;
        let mut admitted = Connections::none();
        for rules in self.selecting(pod).filter_map(|it| it.rules(traffic)) {
            is_isolated = true;
            for rule in rules {
                if rule.peers.as_ref().is_none_or(|peers| peers.iter().any(|it| guess.applies(it.takes(other), true))) {
                    admitted = admitted.or(&port::resolve(rule.ports.as_deref(), receiver));
                }
            }
        }
        if is_isolated { admitted } else { Connections::all() }
    }

    fn selecting<'s>(&'s self, pod: &'s Pod) -> Box<dyn Iterator<Item = &'s Policy> + 's> {
        match pod.member {
            Some(member) => Box::new(self.of_member[member].iter().map(|at| &self.policies[*at])),
            None => {
                let selects = |it: &&Policy| it.namespace == pod.namespace && it.selector.selects(pod.labels);
                Box::new(self.policies.iter().filter(selects))
            }
        }
    }

    /// Returns the world of the policies.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// Returns the policy decisions about connections of a pod, in evaluation order.
    pub fn decide(&self, guess: Guess, pod: &Pod, traffic: Traffic, other: &Side) -> Vec<Decision> {
        let mut steps = Vec::new();
        let mut open = Connections::all();
        let mut passed = Connections::none();
        let ask =
            |policies: &[AdminPolicy], open: &mut Connections, passed: &mut Connections, steps: &mut Vec<Decision>| {
                for policy in policies {
                    let subject = policy.subject.takes(&Side::Pod(*pod));
                    if subject == Truth::No {
                        continue;
                    }
                    for rule in policy.rules(traffic) {
                        let peers = Truth::any(rule.peers.iter().map(|it| it.takes(other)));
                        if !guess.applies(subject & peers, rule.action != Action::Deny) {
                            continue;
                        }
                        let fits = fits(rule.ports.as_deref(), pod, traffic, other).and(open);
                        *open = open.without(&fits);
                        match rule.action {
                            Action::Pass => *passed = passed.or(&fits),
                            action if !fits.is_none() => steps.push(Decision {
                                connections: fits,
                                admits: action == Action::Allow,
                                by: vec![(policy.title.clone(), policy.at.clone())],
                                field: rule.field.clone(),
                            }),
                            _ => {}
                        }
                    }
                }
            };
        ask(&self.admin, &mut open, &mut passed, &mut steps);
        open = open.or(&passed);
        // Policies with a specific selector are first, because a new rule for one pod belongs in the most specific
        // policy.
        let (mut isolating, mut general) = (Vec::new(), Vec::new());
        for policy in self.selecting(pod) {
            let Some(rules) = policy.rules(traffic) else { continue };
            let list = if policy.selector.pairs().next().is_none() { &mut general } else { &mut isolating };
            list.push((policy.title.clone(), policy.at.clone()));
            for rule in rules {
                let taken = match &rule.peers {
                    None => Some(&rule.field),
                    Some(peers) => peers.iter().find(|it| guess.applies(it.takes(other), true)).map(|it| &it.field),
                };
                let Some(field) = taken else { continue };
                let fits = fits(rule.ports.as_deref(), pod, traffic, other).and(&open);
                if !fits.is_none() {
                    open = open.without(&fits);
                    let by = vec![(policy.title.clone(), policy.at.clone())];
                    steps.push(Decision { connections: fits, admits: true, by, field: field.clone() });
                }
            }
        }
        isolating.extend(general);
        if isolating.is_empty() {
            ask(&self.base, &mut open, &mut Connections::none(), &mut steps);
        }
        if !open.is_none() {
            let admits = isolating.is_empty();
            steps.push(Decision { connections: open, admits, by: isolating, field: String::new() });
        }
        steps
    }

    /// Returns the rules to remove, so that network policies no longer admit a port. If a rule has other peers, only
    /// the matching peer is returned.
    pub fn admitting(&self, pod: &Pod, traffic: Traffic, other: &Side, port: Port) -> Vec<(String, String, At)> {
        let mut found = Vec::new();
        for policy in self.selecting(pod) {
            for rule in policy.rules(traffic).into_iter().flatten() {
                if !fits(rule.ports.as_deref(), pod, traffic, other).has(port.protocol, port.number) {
                    continue;
                }
                let mut say = |field: &str| found.push((policy.title.clone(), field.to_owned(), policy.at.clone()));
                match rule.peers.as_deref() {
                    None => say(&rule.field),
                    Some(peers) => {
                        let taken: Vec<&PeerTest> = peers.iter().filter(|it| it.takes(other) == Truth::Yes).collect();
                        match taken.len() {
                            0 => {}
                            // A rule without any peer would admit all clients.
                            all if all == peers.len() => say(&rule.field),
                            _ => taken.iter().for_each(|it| say(&it.field)),
                        }
                    }
                }
            }
        }
        found
    }

    /// Divides addresses outside the cluster into ranges that policies treat alike.
    pub fn pieces(&self, from: u128, to: u128) -> Vec<(u128, u128)> {
        let first = self.cuts.partition_point(|it| *it <= from);
        let last = self.cuts.partition_point(|it| *it <= to);
        let starts = || [from].into_iter().chain(self.cuts[first..last.max(first)].iter().copied());
        let ends = starts().skip(1).map(|start| start - 1).chain([to]);
        starts().zip(ends).collect()
    }
}

/// Returns the start addresses of policy blocks and of the addresses after them.
fn cuts(policies: &[Policy], admin: &[&AdminPolicy]) -> Vec<u128> {
    let rules = policies.iter().flat_map(|it| [&it.ingress, &it.egress]).flatten().flatten();
    let plain = rules.flat_map(|rule| rule.peers.iter().flatten());
    let both = [Traffic::Ingress, Traffic::Egress];
    let admin = admin.iter().flat_map(|it| both.into_iter().flat_map(|traffic| it.rules(traffic)));
    let blocks = plain.chain(admin.flat_map(|rule| &rule.peers)).filter_map(|it| match &it.kind {
        PeerKind::Blocks(blocks) => Some(blocks),
        _ => None,
    });
    let spans = blocks.flatten().flat_map(|it| it.spans.iter().chain(&it.except));
    let mut cuts: Vec<u128> = spans.flat_map(|span| [span.0, span.1.saturating_add(1)]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Named ports are those of the pod that receives the connection.
fn receiver<'a>(pod: &Pod<'a>, traffic: Traffic, other: &Side<'a>) -> Option<&'a Workload> {
    match (traffic, other) {
        (Traffic::Ingress, _) => pod.workload,
        (Traffic::Egress, Side::Pod(other)) => other.workload,
        (Traffic::Egress, Side::Addresses(..)) => None,
    }
}

fn fits(ports: Option<&[PortTest]>, pod: &Pod, traffic: Traffic, other: &Side) -> Connections {
    port::resolve(ports, receiver(pod, traffic, other))
}
