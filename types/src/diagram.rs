//! How a construct is shown in the diagram of the platform, set where the construct is defined.
//!
//! `graph.json` holds every construct with a [`DiagramNode`], and the ends of
//! all edges. No pass knows a service: a kind is a word, and a drawing tool draws
//! a plain box for a kind that it does not know. A data store in a network:
//!
//! ```text
//! scope.diagram(DiagramNode::new("database").detail("PostgreSQL 17").within(vpc).tier("isolated"));
//! ```
//!
//! A public entry (a load balancer, a distribution, an accelerator) takes two
//! lines: its node, and where it sends traffic, which may be another entry:
//!
//! ```text
//! scope.diagram(DiagramNode::entry("CloudFront distribution"));
//! scope.leads_to(&load_balancer, 443);
//! ```
//!
//! An entry that only connected networks reach, such as a load balancer with the scheme `internal`, is a `gateway`.
//!
//! Replication between stores is one line: `store.scope().replicates_to(&replica)`.
//!
//! Kinds in use: `workload`, `database`, `kafka`, `cache`, `table`, `bucket`,
//! `queue`, `topic`, `bus`, `schedule`, `files`, `function`, `release`, `parameter`, `secret`, `repository`, `key`, `role`,
//! `entry`, `gateway`, `host`; and of
//! groups, from the outside in: `vpc`, `cluster`, `namespace`.

use crate::tree::NodeId;

/// How a construct is shown in the diagram of the platform.
#[derive(Clone, Debug)]
pub struct DiagramNode {
    /// What it is, such as `database`.
    pub kind: &'static str,
    /// Whether other nodes lie in it.
    pub is_group: bool,
    /// Whether it is shown only where an edge ends at it.
    pub is_quiet: bool,
    /// Its label, where that is not the id of its construct.
    pub label: Option<String>,
    /// A few words more.
    pub detail: String,
    /// The group that it lies in.
    pub within: Option<NodeId>,
    /// The tier of subnets that it lies in.
    pub tier: Option<&'static str>,
    /// Its region, where that is not the region of its stack.
    pub region: Option<String>,
}

impl DiagramNode {
    /// A node of a kind, with the id of its construct as label.
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

    /// A group that other nodes are [`within`](DiagramNode::within).
    pub fn group(kind: &'static str) -> Self {
        Self { is_group: true, ..Self::new(kind) }
    }

    /// Where traffic from the internet enters; `what` is the kind of entry, such as `load balancer`.
    pub fn entry(what: impl Into<String>) -> Self {
        Self::new("entry").detail(what)
    }

    /// Where traffic from connected networks enters; `what` is the kind of entry, such as `east-west gateway`.
    pub fn gateway(what: impl Into<String>) -> Self {
        Self::new("gateway").detail(what)
    }

    /// A node that is shown only if an edge ends at it, such as a key or a role.
    pub fn quiet(kind: &'static str) -> Self {
        Self { is_quiet: true, ..Self::new(kind) }
    }

    /// Sets the label. Default: the id of the construct.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets a second line, such as `PostgreSQL 17.6, two zones`.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Sets the tier of subnets, such as `isolated`.
    #[must_use]
    pub fn tier(mut self, tier: &'static str) -> Self {
        self.tier = Some(tier);
        self
    }

    /// Sets the region, where it differs from that of the stack: a copy that a service keeps.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }
}
