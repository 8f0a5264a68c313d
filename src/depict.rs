//! What a construct is in a picture of the platform: said by the construct, where it is defined.
//!
//! `graph.json` shows every construct that says so, and whatever an edge ends
//! at. No pass knows a service: a kind is a word, and a drawing tool falls back
//! to a plain box for a word it does not know. A store in a network:
//!
//! ```text
//! scope.depict(Depicted::new("database").detail("PostgreSQL 17").within(vpc).tier("isolated"));
//! ```
//!
//! A public entry (a load balancer, a distribution, an accelerator) is two
//! lines: what it is, and where it leads traffic, which may be another entry:
//!
//! ```text
//! scope.depict(Depicted::entry("CloudFront distribution"));
//! scope.leads_to(&load_balancer, 443);
//! ```
//!
//! What only connected networks reach, such as a load balancer with the scheme `internal`, is a `gateway`.
//!
//! A store whose data another one follows is one line: `store.scope().replicates_to(&replica)`.
//!
//! Words in use: `workload`, `database`, `kafka`, `cache`, `table`, `bucket`,
//! `queue`, `release`, `parameter`, `secret`, `repository`, `key`, `role`, `entry`, `gateway`, `host`; and of
//! groups, from the outside in: `vpc`, `cluster`, `namespace`.

use crate::node::{Edge, EdgeKind};
use crate::tree::{Construct, NodeId, Scope};

/// What a construct is in a picture of the platform.
#[derive(Clone, Debug)]
pub struct Depicted {
    pub(crate) kind: &'static str,
    pub(crate) is_group: bool,
    pub(crate) is_quiet: bool,
    pub(crate) label: Option<String>,
    pub(crate) detail: String,
    pub(crate) within: Option<NodeId>,
    pub(crate) tier: Option<&'static str>,
    pub(crate) region: Option<String>,
}

impl Depicted {
    /// A thing of a kind, called like its construct.
    pub fn new(kind: &'static str) -> Self {
        Self {
            kind,
            is_group: false,
            is_quiet: false,
            label: None,
            detail: String::new(),
            within: None,
            tier: None,
            region: None,
        }
    }

    /// What holds other things: they say so with [`within`](Depicted::within).
    pub fn group(kind: &'static str) -> Self {
        Self { is_group: true, ..Self::new(kind) }
    }

    /// Where traffic comes in from outside; `what` is what does that, such as `load balancer`.
    pub fn entry(what: impl Into<String>) -> Self {
        Self::new("entry").detail(what)
    }

    /// Where traffic comes in from connected networks alone; `what` is what does that, such as `east-west gateway`.
    pub fn gateway(what: impl Into<String>) -> Self {
        Self::new("gateway").detail(what)
    }

    /// What is shown only where an edge ends at it, such as a key or a role.
    pub fn quiet(kind: &'static str) -> Self {
        Self { is_quiet: true, ..Self::new(kind) }
    }

    /// Another name than the construct's id.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// A few words more, such as `PostgreSQL 17.6, two zones`.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The group that it lies in; that group may lie in another one.
    #[must_use]
    pub fn within(mut self, group: &impl Construct) -> Self {
        self.within = Some(group.scope().node());
        self
    }

    /// The tier of subnets that it lies in, such as `isolated`.
    #[must_use]
    pub fn tier(mut self, tier: &'static str) -> Self {
        self.tier = Some(tier);
        self
    }

    /// The region that it lies in, where that is not the region of its stack: a copy that a service keeps.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }
}

impl Scope {
    /// Says what this construct is in a picture of the platform; saying it again replaces what was said.
    pub fn depict(&self, depicted: Depicted) {
        self.change(|node| node.depicted = Some(Box::new(depicted)));
    }

    /// Gives a construct another name in a picture, where it has a place there.
    pub(crate) fn relabel(&self, label: &str) {
        self.change(|node| {
            if let Some(depicted) = &mut node.depicted {
                depicted.label = Some(label.to_owned());
            }
        });
    }

    /// Records that this construct leads traffic from outside to another one: a workload, or the next entry.
    #[track_caller]
    pub fn leads_to(&self, to: &impl Construct, port: impl Into<Option<u16>>) {
        let at = self.user_line(crate::tree::At::caller());
        let (from, to) = (self.node(), to.scope().node());
        self.edge(Edge { from, to, kind: EdgeKind::Entry, port: port.into(), at });
    }

    /// Records that what this construct holds is copied to another one, such as to a replica in another region.
    #[track_caller]
    pub fn replicates_to(&self, to: &impl Construct) {
        let at = self.user_line(std::panic::Location::caller());
        let (from, to) = (self.node(), to.scope().node());
        self.edge(Edge { from, to, kind: EdgeKind::Replication, port: None, at });
    }
}
