//! The number that identifies a node of a tree.

/// The number of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// The number of the tree within the process. It is not part of any output.
    pub(super) tree: u32,
    pub(super) idx: u32,
}

impl NodeId {
    /// A placeholder for the stack that reads the attribute.
    #[doc(hidden)]
    pub const READER: NodeId = NodeId { tree: u32::MAX, idx: 0 };

    /// Returns the index of the node in the arena.
    pub fn idx(self) -> usize {
        self.idx as usize
    }

    /// Whether both nodes are in the same tree.
    pub fn is_beside(self, other: NodeId) -> bool {
        self.tree == other.tree
    }
}
