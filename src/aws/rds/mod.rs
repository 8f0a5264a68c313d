//! PostgreSQL: database instances and Aurora clusters of Amazon RDS.

mod cluster;
mod database;
mod server;
pub(crate) mod versions;

pub use cluster::{Capacity, Cluster, ClusterProps};
pub use database::{Database, DatabaseProps};
