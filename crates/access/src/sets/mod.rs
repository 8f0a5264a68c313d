//! Sets of requests. They contain patterns, ranges and complements, and are compared exactly.
//!
//! Each dimension of a comparison is divided into cells. All values in a cell pass the same tests of both
//! sides. A region is then a union of boxes of cells, and a difference is computed box by box.

mod automaton;
mod axis;
mod bits;
mod cidr;
mod dimension;
mod extent;
mod glob;
mod region;
mod space;
mod test;

pub use cidr::{Cidr, are_the_internet};
pub use dimension::{Dimension, Key};
pub use extent::{Extent, Part, Values};
pub use glob::Glob;
pub use region::{Cube, Region};
pub use space::Space;
pub use test::{Set, Test};
