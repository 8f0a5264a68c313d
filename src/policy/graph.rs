//! The edges of a platform between documented constructs, and the component of each node.

use crate::hash::{FastMap, FastSet};
use crate::node::{EdgeKind, Kind, Node};
use crate::synth::Model;
use crate::tree::{At, NodeId};

/// An edge between two components.
pub(super) struct Row {
    pub from: NodeId,
    pub to: NodeId,
    pub kind: EdgeKind,
    pub port: Option<u16>,
    pub at: At,
}

/// The edges, indexed by their source and target components.
pub(super) struct Graph {
    pub rows: Vec<Row>,
    out: FastMap<NodeId, Vec<usize>>,
    into: FastMap<NodeId, Vec<usize>>,
    /// The component of each node, by the index of the node.
    components: Vec<Option<NodeId>>,
}

impl Graph {
    pub fn of(model: &Model) -> Self {
        let rows: Vec<Row> = model
            .edges()
            .map(|edge| Row {
                from: drawn(model, edge.from),
                to: if model.node(edge.to).diagram.is_some() { edge.to } else { drawn(model, edge.to) },
                kind: edge.kind,
                port: edge.port,
                at: edge.at,
            })
            .filter(|row| row.from != row.to)
            .collect();
        let (mut out, mut into): (FastMap<_, Vec<_>>, FastMap<_, Vec<_>>) = Default::default();
        for (idx, row) in rows.iter().enumerate() {
            out.entry(row.from).or_default().push(idx);
            into.entry(row.to).or_default().push(idx);
        }
        let ends: FastSet<NodeId> = rows.iter().flat_map(|row| [row.from, row.to]).collect();
        let mut components: Vec<Option<NodeId>> = Vec::new();
        for (id, node) in model.all_nodes() {
            let of_parent = || node.parent.and_then(|above| components[above.idx()]);
            components.push(if is_drawn(node) || ends.contains(&id) { Some(id) } else { of_parent() });
        }
        Self { rows, out, into, components }
    }

    /// Returns the edges that begin at a component.
    pub fn from(&self, id: NodeId) -> &[usize] {
        self.out.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the edges that end at a component.
    pub fn to(&self, id: NodeId) -> &[usize] {
        self.into.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the component of a node: the nearest construct that the diagram shows or that has an edge. If there is
    /// none, returns the construct of the main resource.
    pub fn component(&self, model: &Model, id: NodeId) -> NodeId {
        let plain = || {
            let node = model.node(id);
            let above = node.parent.filter(|above| &*node.id == "resource" && is_construct(model.node(*above)));
            above.unwrap_or(id)
        };
        self.components[id.idx()].unwrap_or_else(plain)
    }
}

fn is_construct(node: &Node) -> bool {
    matches!(node.kind, Kind::Construct)
}

/// Whether the diagram shows a node, and the node is not a group.
fn is_drawn(node: &Node) -> bool {
    node.diagram.as_ref().is_some_and(|it| !it.is_quiet && !it.is_group)
}

/// Returns the construct of an internal part, such as the load balancer of a target group.
fn drawn(model: &Model, id: NodeId) -> NodeId {
    let mut next = Some(id);
    while let Some(at) = next {
        let node = model.node(at);
        if is_drawn(node) {
            return at;
        }
        next = node.parent;
    }
    id
}
