//! The workloads that policies select, by labels, namespaces and addresses.

use std::collections::HashMap;

use meshsynth_access::kubernetes::{Labels, Selector};

use super::members::{LabelIndex, Members};
use super::peer::{Block, PeerKind, PeerTest};
use crate::identity::Truth;
use crate::world::{Workload, WorkloadId, World};

/// The workloads of a cluster by their labels, and by those of their namespaces.
pub(super) struct Index {
    count: usize,
    pub(super) pods: LabelIndex,
    namespaces: LabelIndex,
    by_namespace: HashMap<String, Vec<usize>>,
    /// The members in namespaces without an object, whose labels except the name are unknown.
    open: Members,
    /// The members with the network of their node.
    on_host: Members,
    /// The addresses of each member.
    addresses: Vec<Option<Vec<(u128, u128)>>>,
}

impl Index {
    pub(super) fn new(
        world: &World,
        cluster: usize,
        members: &[WorkloadId],
        addresses: Vec<Option<Vec<(u128, u128)>>>,
    ) -> Self {
        let none = Labels::new();
        let workloads = || members.iter().map(|id| world.workload(*id));
        let of_namespace = |it: &'_ Workload| world.clusters[cluster].namespaces.get(&it.namespace).unwrap_or(&none);
        let mut by_namespace: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, workload) in workloads().enumerate() {
            by_namespace.entry(workload.namespace.clone()).or_default().push(at);
        }
        let (mut open, mut on_host) = (Members::none(members.len()), Members::none(members.len()));
        for (at, workload) in workloads().enumerate() {
            if world.clusters[cluster].open_namespaces.contains(&workload.namespace) {
                open.insert(at);
            }
            if workload.is_on_host {
                on_host.insert(at);
            }
        }
        Self {
            open,
            on_host,
            addresses,
            count: members.len(),
            pods: LabelIndex::new(workloads().map(|it| &it.labels)),
            namespaces: LabelIndex::new(workloads().map(of_namespace)),
            by_namespace,
        }
    }

    pub(super) fn in_namespace(&self, name: &str) -> &[usize] {
        self.by_namespace.get(name).map_or(&[], Vec::as_slice)
    }

    /// Sets the workloads that a test matches, and those that it may match.
    pub(super) fn fill(&self, test: &mut PeerTest) {
        (test.members, test.open) = match &test.kind {
            PeerKind::Pods { namespace, namespaces, pods } => {
                let mut members = self.select(namespace.as_deref(), namespaces.as_ref(), pods);
                // Most network plugins do not recognize the labels of a pod with the address of its node.
                let mut open = members.clone();
                open.and(&self.on_host);
                members.remove(&self.on_host);
                open.or(&self.in_open_namespaces(namespaces.as_ref(), pods));
                open.remove(&members);
                (members, open)
            }
            PeerKind::Blocks(blocks) => self.within(blocks),
            PeerKind::Outside => (Members::none(self.count), self.on_host.clone()),
            PeerKind::Other => {
                let mut all = Members::none(self.count);
                (0..self.count).for_each(|at| all.insert(at));
                (Members::none(self.count), all)
            }
        };
    }

    /// Returns the members whose addresses are in blocks, and those whose addresses may be.
    fn within(&self, blocks: &[Block]) -> (Members, Members) {
        let (mut members, mut open) = (Members::none(self.count), Members::none(self.count));
        let mut known: HashMap<Option<&[(u128, u128)]>, Truth> = HashMap::new();
        for (at, addresses) in self.addresses.iter().enumerate() {
            let addresses = addresses.as_deref();
            let truth =
                *known.entry(addresses).or_insert_with(|| Truth::any(blocks.iter().map(|it| it.may_hold(addresses))));
            match truth {
                Truth::Yes => members.insert(at),
                Truth::Unknown => open.insert(at),
                Truth::No => {}
            }
        }
        (members, open)
    }

    fn select(&self, namespace: Option<&str>, namespaces: Option<&Selector>, pods: &Selector) -> Members {
        let mut taken = self.pods.select(pods);
        if let Some(selector) = namespaces {
            taken.and(&self.namespaces.select(selector));
            if tests_labels(selector) {
                taken.remove(&self.open);
            }
        }
        if let Some(name) = namespace {
            let mut inside = Members::none(self.count);
            self.in_namespace(name).iter().for_each(|at| inside.insert(*at));
            taken.and(&inside);
        }
        taken
    }

    /// Returns the members that a selector matches if the unknown labels of their namespaces do.
    fn in_open_namespaces(&self, namespaces: Option<&Selector>, pods: &Selector) -> Members {
        let Some(selector) = namespaces.filter(|it| tests_labels(it)) else { return Members::none(self.count) };
        let mut taken = self.pods.select(pods);
        taken.and(&self.open);
        taken.and(&self.namespaces.select(&selector.only(NAME)));
        taken
    }
}

/// The label that every namespace has.
const NAME: &str = "kubernetes.io/metadata.name";

/// Whether a selector tests a label other than the name of the namespace.
fn tests_labels(selector: &Selector) -> bool {
    selector.pairs().any(|(key, _)| key != NAME)
}
