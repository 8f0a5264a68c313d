//! The peer of a pod's connection, and the peer tests of policies.

use meshsynth_access::kubernetes::{Labels, Selector};
use meshsynth_access::sets::Cidr;
use serde_json::Value;

use super::members::Members;
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

/// A block of addresses with exceptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The inclusive ranges that it contains.
    pub spans: Vec<(u128, u128)>,
    /// The excluded ranges.
    pub except: Vec<(u128, u128)>,
}

impl Block {
    pub(super) fn parse(cidr: &str, except: &Value) -> Self {
        let spans = |text: &str| text.parse::<Cidr>().map(Cidr::spans).unwrap_or_default();
        let except = except.as_array().into_iter().flatten().filter_map(Value::as_str);
        Self { spans: spans(cidr), except: except.flat_map(spans).collect() }
    }

    /// Whether it contains a whole range.
    pub fn holds(&self, from: u128, to: u128) -> bool {
        let meets = |span: &(u128, u128)| span.0 <= to && from <= span.1;
        self.spans.iter().any(|span| span.0 <= from && to <= span.1) && !self.except.iter().any(meets)
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
}

#[derive(Clone, Debug)]
pub(super) enum PeerKind {
    /// Pods by their labels, and by the labels or the name of their namespace.
    Pods { namespace: Option<String>, namespaces: Option<Selector>, pods: Selector },
    /// Addresses.
    Blocks(Vec<Block>),
    /// A peer that no pod selector can match, such as nodes.
    Nobody,
}

impl PeerTest {
    pub(super) fn takes(&self, side: &Side) -> bool {
        match (side, &self.kind) {
            (Side::Pod(Pod { member: Some(member), .. }), _) => self.members.has(*member),
            (Side::Pod(pod), PeerKind::Pods { namespace, namespaces, pods }) => {
                namespace.as_ref().is_none_or(|name| name == pod.namespace)
                    && namespaces.as_ref().is_none_or(|it| it.selects(pod.namespace_labels))
                    && pods.selects(pod.labels)
            }
            (Side::Addresses(from, to), PeerKind::Blocks(blocks)) => blocks.iter().any(|it| it.holds(*from, *to)),
            _ => false,
        }
    }
}
