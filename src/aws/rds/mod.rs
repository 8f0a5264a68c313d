//! PostgreSQL: database instances and Aurora clusters of Amazon RDS.

mod cluster;
mod database;
mod global;
mod login;
mod replica;
mod server;

pub use cluster::{Capacity, Cluster, ClusterProps};
pub use database::{Database, DatabaseProps};
pub use global::GlobalCluster;
pub use login::Login;
pub use replica::ReplicaProps;
