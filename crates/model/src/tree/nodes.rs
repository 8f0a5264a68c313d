//! The nodes of one tree.

use std::ops::{Index, IndexMut};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::node::Node;

use super::NodeId;

/// The nodes of a tree, in definition order. For a node id of another tree, lookups return the root.
pub struct Nodes {
    tree: u32,
    items: Vec<Node>,
}

impl Nodes {
    /// Creates a separate tree with one node, its root.
    pub fn new(root: Node) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self { tree: NEXT.fetch_add(1, Ordering::Relaxed), items: vec![root] }
    }

    /// Creates a tree with converted nodes. The node ids stay valid.
    pub fn map(&self, node: impl FnMut(&Node) -> Node) -> Self {
        Self { tree: self.tree, items: self.items.iter().map(node).collect() }
    }

    /// Returns the app.
    pub fn root(&self) -> NodeId {
        self.id(0)
    }

    /// Returns the number of the node at an index.
    ///
    /// # Panics
    ///
    /// Panics if an app has 4 billion nodes or more.
    pub fn id(&self, idx: usize) -> NodeId {
        NodeId { tree: self.tree, idx: u32::try_from(idx).expect("a tree has fewer than 4 billion nodes") }
    }

    /// Whether a number belongs to this tree.
    pub fn knows(&self, id: NodeId) -> bool {
        id.tree == self.tree
    }

    /// Adds a node.
    pub fn push(&mut self, node: Node) -> NodeId {
        self.items.push(node);
        self.id(self.items.len() - 1)
    }

    /// Iterates over the nodes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Node> {
        self.items.iter()
    }

    /// Iterates over the nodes for modification.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Node> {
        self.items.iter_mut()
    }

    /// Iterates over the nodes with their numbers.
    pub fn with_ids(&self) -> impl ExactSizeIterator<Item = (NodeId, &Node)> {
        let tree = self.tree;
        self.items.iter().enumerate().map(move |(idx, node)| (NodeId { tree, idx: idx as u32 }, node))
    }
}

impl Index<NodeId> for Nodes {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.items[if self.knows(id) { id.idx() } else { 0 }]
    }
}

impl IndexMut<NodeId> for Nodes {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        let idx = if self.knows(id) { id.idx() } else { 0 };
        &mut self.items[idx]
    }
}
