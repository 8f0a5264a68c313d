//! The order of versions, which the facts define.

pub use meshsynth_facts::versions::order::{compare, is_inside, numbers, plain};
