//! Compares two sets of requests, and returns the requests that only one of them admits.

use crate::sets::{Extent, Region, Space};

/// The side that admits a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Only the new side admits it.
    Widened,
    /// Only the old side admits it.
    Narrowed,
}

/// Requests that only one side admits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The side.
    pub direction: Direction,
    /// The requests.
    pub extent: Extent,
    /// The requests for display. For a widened region, this omits exceptions for requests that were admitted before.
    pub summary: Extent,
}

/// Returns all requests that only one of the regions admits. The list is empty if both admit the same requests.
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
