//! Amazon MSK clusters and grants on their topics.

mod authentication;
mod bare;
mod clients;
mod cluster;
mod existing;
mod replicator;
mod serverless;
mod topic;

pub use authentication::Authentication;
pub use cluster::{Cluster, ClusterProps};
pub use existing::ExistingCluster;
pub use replicator::{End, Replicator, ReplicatorProps, StartAt, TopicNames};
pub use serverless::Serverless;
pub use topic::{Topic, TopicProps};
