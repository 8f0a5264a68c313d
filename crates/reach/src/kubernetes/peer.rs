//! The peer of a pod's connection, and the peer tests of policies.

use std::collections::BTreeSet;
use std::ops::Bound;

use meshsynth_access::kubernetes::{Labels, Selector};
use meshsynth_access::sets::Cidr;
use serde_json::Value;

use super::members::Members;
use crate::identity::Truth;
use crate::network::spans;
use crate::world::Workload;

/// One end of a connection.
#[derive(Clone, Copy, Debug)]
pub enum Side<'a> {
    /// A pod.
    Pod(Pod<'a>),
    /// An inclusive range of addresses outside the cluster that all policies treat alike.
    Addresses(u128, u128),
}

/// A pod.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// Its index among the workloads of the cluster, or `None` for a pod without a workload.
    pub member: Option<usize>,
    /// Its namespace.
    pub namespace: &'a str,
    /// The labels of its namespace.
    pub namespace_labels: &'a Labels,
    /// Its labels.
    pub labels: &'a Labels,
    /// The workload that creates it.
    pub workload: Option<&'a Workload>,
}

impl Pod<'_> {
    /// Whether it has the network of its node.
    pub fn is_on_host(&self) -> bool {
        self.workload.is_some_and(|it| it.is_on_host)
    }
}

/// The private blocks from which networks assign addresses to pods.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>.
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"];

/// A block of addresses with exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The inclusive ranges that it contains.
    pub spans: Vec<(u128, u128)>,
    /// The excluded ranges.
    pub except: Vec<(u128, u128)>,
}

impl Block {
    /// Parses a block, or returns `None` if it is not a block of addresses.
    pub(super) fn parse(cidr: &str, except: &Value) -> Option<Self> {
        let spans = |text: &str| text.parse::<Cidr>().map(Cidr::spans).ok();
        let except = except.as_array().into_iter().flatten();
        let except: Option<Vec<_>> = except.map(|it| spans(it.as_str()?)).collect();
        Some(Self { spans: spans(cidr)?, except: except?.concat() })
    }

    /// Whether it contains a whole range.
    pub fn holds(&self, from: u128, to: u128) -> bool {
        let meets = |span: &(u128, u128)| span.0 <= to && from <= span.1;
        self.spans.iter().any(|span| span.0 <= from && to <= span.1) && !self.except.iter().any(meets)
    }

    /// Returns whether it contains an address that is somewhere in ranges. Without ranges, a pod can have any private
    /// IPv4 address.
    pub fn may_hold(&self, within: Option<&[(u128, u128)]>) -> Truth {
        let private: Vec<(u128, u128)> = PRIVATE.iter().filter_map(|it| spans(it)).flatten().collect();
        let within = within.unwrap_or(&private);
        // The exceptions divide a range into parts.
        let cuts = self.spans.iter().chain(&self.except);
        let cuts: BTreeSet<u128> = cuts.flat_map(|it| [it.0, it.1.saturating_add(1)]).collect();
        let (mut has_some, mut has_all) = (false, true);
        for (from, to) in within {
            let starts = [*from].into_iter().chain(cuts.range((Bound::Excluded(*from), Bound::Included(*to))).copied());
            let ends = cuts.range((Bound::Excluded(*from), Bound::Included(*to))).map(|it| it - 1).chain([*to]);
            for (first, last) in starts.zip(ends) {
                if self.holds(first, last) {
                    has_some = true;
                } else {
                    has_all = false;
                }
            }
        }
        match (has_some, has_all) {
            (true, true) => Truth::Yes,
            (true, false) => Truth::Unknown,
            (false, _) => Truth::No,
        }
    }
}

/// The test of a policy for a peer.
#[derive(Clone, Debug)]
pub(super) struct PeerTest {
    pub kind: PeerKind,
    /// The field in the document.
    pub field: String,
    /// The workloads of the cluster that it matches.
    pub members: Members,
    /// The workloads that it may match: their addresses, or the labels of their namespaces, are not in the files.
    pub open: Members,
}

#[derive(Clone, Debug)]
pub(super) enum PeerKind {
    /// Pods by their labels, and by the labels or the name of their namespace.
    Pods { namespace: Option<String>, namespaces: Option<Selector>, pods: Selector },
    /// Addresses.
    Blocks(Vec<Block>),
    /// Nodes or domain names, which match no pod with a separate address.
    Outside,
    /// A peer that the engine cannot evaluate.
    Other,
}

impl PeerKind {
    /// Whether the engine cannot evaluate it for some end.
    pub(super) fn is_other(&self) -> bool {
        matches!(self, Self::Other | Self::Outside)
    }
}

impl PeerTest {
    /// Returns whether it matches one end of a connection.
    pub(super) fn takes(&self, side: &Side) -> Truth {
        match (side, &self.kind) {
            (Side::Pod(Pod { member: Some(member), .. }), _) => match self.members.has(*member) {
                true => Truth::Yes,
                false if self.open.has(*member) => Truth::Unknown,
                false => Truth::No,
            },
            (Side::Pod(pod), PeerKind::Pods { namespace, namespaces, pods }) => Truth::from(
                namespace.as_ref().is_none_or(|name| name == pod.namespace)
                    && namespaces.as_ref().is_none_or(|it| it.selects(pod.namespace_labels))
                    && pods.selects(pod.labels),
            ),
            (Side::Pod(_), PeerKind::Blocks(blocks)) => Truth::any(blocks.iter().map(|it| it.may_hold(None))),
            (Side::Addresses(from, to), PeerKind::Blocks(blocks)) => {
                Truth::from(blocks.iter().any(|it| it.holds(*from, *to)))
            }
            (_, PeerKind::Other) | (Side::Addresses(..), PeerKind::Outside) => Truth::Unknown,
            (Side::Pod(_), PeerKind::Outside) | (Side::Addresses(..), PeerKind::Pods { .. }) => Truth::No,
        }
    }
}
