//! The appearance of a construct in the platform diagram. The construct sets it in its own definition.
//!
//! `graph.json` contains every construct with a [`DiagramNode`], and the ends of all edges. No pass depends on a
//! specific service, because a kind is a plain word. A drawing tool shows a kind that it does not support as a plain
//! box. An example of a data store in a network:
//!
//! ```text
//! scope.diagram(DiagramNode::new("database").detail("PostgreSQL 17").within(vpc).tier("isolated"));
//! ```
//!
//! A public entry (a load balancer, a distribution, an accelerator) needs two lines. The first line defines its node.
//! The second line defines its target, which may be another entry:
//!
//! ```text
//! scope.diagram(DiagramNode::entry("CloudFront distribution"));
//! scope.leads_to(&load_balancer, 443);
//! ```
//!
//! A `gateway` is an entry that only connected networks can reach, such as a load balancer with the scheme `internal`.
//!
//! Replication between data stores needs one line: `store.scope().replicates_to(&replica)`.
//!
//! Kinds of nodes: `workload`, `database`, `kafka`, `cache`, `table`, `bucket`, `queue`, `topic`, `bus`, `schedule`,
//! `files`, `function`, `release`, `parameter`, `secret`, `repository`, `key`, `role`, `entry`, `gateway`, `host`.
//!
//! Kinds of groups, from the outside in: `vpc`, `cluster`, `namespace`.

use crate::tree::NodeId;

/// The appearance of a construct in the platform diagram.
#[derive(Clone, Debug)]
pub struct DiagramNode {
    /// The kind, such as `database`.
    pub kind: &'static str,
    /// Whether it can contain other nodes.
    pub is_group: bool,
    /// Whether it is shown only if an edge ends at it.
    pub is_quiet: bool,
    /// The label, if it differs from the construct id.
    pub label: Option<String>,
    /// A short description.
    pub detail: String,
    /// The group that contains it.
    pub within: Option<NodeId>,
    /// The tier of its subnets, if it is in a VPC.
    pub tier: Option<&'static str>,
    /// The region, if it differs from the region of its stack.
    pub region: Option<String>,
}

impl DiagramNode {
    /// Creates a node of a kind. Its label is the construct id.
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

    /// Creates a group. Other nodes are put into it by [`within`](DiagramNode::within).
    pub fn group(kind: &'static str) -> Self {
        Self { is_group: true, ..Self::new(kind) }
    }

    /// Creates an entry for traffic from the internet. `what` is the kind of entry, such as `load balancer`.
    pub fn entry(what: impl Into<String>) -> Self {
        Self::new("entry").detail(what)
    }

    /// Creates an entry for traffic from connected networks. `what` is the kind of entry, such as `east-west gateway`.
    pub fn gateway(what: impl Into<String>) -> Self {
        Self::new("gateway").detail(what)
    }

    /// Creates a node that is shown only if an edge ends at it, such as a key or a role.
    pub fn quiet(kind: &'static str) -> Self {
        Self { is_quiet: true, ..Self::new(kind) }
    }

    /// Sets the label. Default: the construct id.
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

    /// Sets the subnet tier, such as `isolated`.
    #[must_use]
    pub fn tier(mut self, tier: &'static str) -> Self {
        self.tier = Some(tier);
        self
    }

    /// Sets the region, if it differs from the region of the stack. An example is a replica that an AWS service
    /// maintains in another region.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }
}
