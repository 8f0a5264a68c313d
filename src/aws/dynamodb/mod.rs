//! Tables of Amazon DynamoDB, in one region or several.

mod bare;
mod capacity;
mod existing;
mod grants;
mod index;
mod table;

pub use capacity::{Capacity, Scaling};
pub use existing::ExistingTable;
pub use index::{Attribute, Index, LocalIndex, Projection};
pub use table::{Replica, StreamView, Table, TableProps};
