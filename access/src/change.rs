//! What is admitted on one side only.

use crate::sets::{Extent, Region, Space};

/// Which side admits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// The new side, and not the old one.
    Widened,
    /// The old side, and not the new one.
    Narrowed,
}

/// Requests that one side admits and the other does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Which side.
    pub direction: Direction,
    /// The requests.
    pub extent: Extent,
    /// What to say of them: what is widened without an exception for those that were admitted before.
    pub summary: Extent,
}

/// All that one region admits and the other does not. None means that both admit the same.
pub fn compare(before: &Region, after: &Region) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let space = Space::new(&[before, after]);
    let side = |direction, of: &Region, without: &Region| {
        let extents = space.difference(of, without);
        let change = move |(extent, plain): (Extent, Extent)| {
            let summary = if direction == Direction::Widened { plain } else { extent.clone() };
            Change { direction, extent, summary }
        };
        extents.into_iter().map(change).collect::<Vec<_>>()
    };
    let mut changes = side(Direction::Widened, after, before);
    changes.extend(side(Direction::Narrowed, before, after));
    changes
}
