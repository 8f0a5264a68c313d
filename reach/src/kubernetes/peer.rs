//! The other end of a connection of a pod, and what policies say of it.

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
    /// Addresses outside of the cluster, all of which policies treat alike: from and to.
    Addresses(u128, u128),
}

/// A pod.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// Its place among the workloads of the cluster; none for a pod that nothing makes.
    pub member: Option<usize>,
    /// Its namespace.
    pub namespace: &'a str,
    /// The labels of its namespace.
    pub namespace_labels: &'a Labels,
    /// Its labels.
    pub labels: &'a Labels,
    /// The workload that makes it.
    pub workload: Option<&'a Workload>,
}

/// A block of addresses without others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The ranges that it holds, from and to.
    pub spans: Vec<(u128, u128)>,
    /// Those that are left out.
    pub except: Vec<(u128, u128)>,
}

impl Block {
    pub(super) fn parse(cidr: &str, except: &Value) -> Self {
        let spans = |text: &str| text.parse::<Cidr>().map(Cidr::spans).unwrap_or_default();
        let except = except.as_array().into_iter().flatten().filter_map(Value::as_str);
        Self { spans: spans(cidr), except: except.flat_map(spans).collect() }
    }

    /// Whether all of a range is in it.
    pub fn holds(&self, from: u128, to: u128) -> bool {
        let meets = |span: &(u128, u128)| span.0 <= to && from <= span.1;
        self.spans.iter().any(|span| span.0 <= from && to <= span.1) && !self.except.iter().any(meets)
    }
}

/// What a policy says of the other end.
#[derive(Clone, Debug)]
pub(super) struct PeerTest {
    pub kind: PeerKind,
    /// Where it is in the document.
    pub field: String,
    /// The workloads of the cluster that it takes.
    pub members: Members,
}

#[derive(Clone, Debug)]
pub(super) enum PeerKind {
    /// Pods by their labels, and by the labels or the name of their namespace.
    Pods { namespace: Option<String>, namespaces: Option<Selector>, pods: Selector },
    /// Addresses.
    Blocks(Vec<Block>),
    /// What no policy of pods can take, such as nodes.
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
