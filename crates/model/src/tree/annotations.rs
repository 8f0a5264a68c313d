//! Annotations of a construct: its node in the diagram, its edges and its smoke checks.

use crate::diagram::DiagramNode;
use crate::node::{Edge, EdgeKind};
use crate::smoke_test::SmokeCheck;

use super::{At, Construct, Scope};

impl DiagramNode {
    /// Puts the node into a group. Groups can be nested.
    #[must_use]
    pub fn within(mut self, group: &impl Construct) -> Self {
        self.within = Some(group.scope().node());
        self
    }
}

impl Scope {
    /// Sets the appearance of this construct in the diagram. A second call replaces the first.
    pub fn diagram(&self, diagram: DiagramNode) {
        self.change(|node| node.diagram = Some(Box::new(diagram)));
    }

    /// Changes the label of this construct in the diagram, if the diagram shows the construct.
    #[doc(hidden)]
    pub fn relabel(&self, label: &str) {
        self.change(|node| {
            if let Some(diagram) = &mut node.diagram {
                diagram.label = Some(label.to_owned());
            }
        });
    }

    /// Records that this construct forwards external traffic to another construct: a workload, or the next entry.
    #[track_caller]
    pub fn leads_to(&self, to: &impl Construct, port: impl Into<Option<u16>>) {
        let at = self.user_line(At::caller());
        let (from, to) = (self.node(), to.scope().node());
        self.edge(Edge { from, to, kind: EdgeKind::Entry, port: port.into(), at });
    }

    /// Records that the data of this construct is replicated to another construct, such as a replica in another region.
    #[track_caller]
    pub fn replicates_to(&self, to: &impl Construct) {
        let at = self.user_line(std::panic::Location::caller());
        let (from, to) = (self.node(), to.scope().node());
        self.edge(Edge { from, to, kind: EdgeKind::Replication, port: None, at });
    }

    /// Adds a check to the smoke test of the cluster that this construct is deployed to.
    pub fn smoke_test(&self, check: SmokeCheck) {
        self.change(|node| node.smoke_checks.push(check));
    }
}
