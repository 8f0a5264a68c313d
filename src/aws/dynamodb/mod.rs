//! Amazon DynamoDB tables in one or several regions.

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
