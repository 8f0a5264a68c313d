//! The number that names a node of one tree.

/// A node of a tree, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// Tells the trees of one program apart; it is in no output.
    pub(super) tree: u32,
    pub(super) idx: u32,
}

impl NodeId {
    /// Stands in an attribute for the stack of whoever reads it.
    #[doc(hidden)]
    pub const READER: NodeId = NodeId { tree: u32::MAX, idx: 0 };

    /// The place of the node in the arena.
    pub fn idx(self) -> usize {
        self.idx as usize
    }

    /// Whether both are of one tree.
    pub fn is_beside(self, other: NodeId) -> bool {
        self.tree == other.tree
    }
}
