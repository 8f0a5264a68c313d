//! Sets of requests: written with patterns, ranges and complements, compared exactly.
//!
//! Every dimension of a comparison is cut into cells, values that no test of either side tells apart. A region is a
//! union of boxes of cells then, and a difference is taken box by box.

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
