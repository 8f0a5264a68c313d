//! Amazon RDS database instances and Aurora clusters: PostgreSQL, MySQL and MariaDB.

mod bare;
mod cluster;
mod database;
mod engine;
mod existing;
mod global;
mod instances;
mod login;
mod replica;
mod server;

pub use cluster::{Capacity, Cluster, ClusterProps};
pub use database::{Database, DatabaseProps};
pub use engine::{AuroraEngine, Engine};
pub use existing::{ExistingCluster, ExistingDatabase};
pub use global::GlobalCluster;
pub use login::Login;
pub use replica::ReplicaProps;
