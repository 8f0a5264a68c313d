//! Kafka: clusters of Amazon MSK and grants on their topics.

mod cluster;
mod replicator;
mod serverless;
mod topic;

pub use cluster::{Authentication, Cluster, ClusterProps};
pub use replicator::{End, Replicator, ReplicatorProps, StartAt, TopicNames};
pub use serverless::Serverless;
pub use topic::{Topic, TopicProps};
