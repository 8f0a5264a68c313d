//! Kafka: clusters of Amazon MSK and grants on their topics.

mod cluster;
mod serverless;
mod topic;
pub(crate) mod versions;

pub use cluster::{Authentication, Cluster, ClusterProps};
pub use serverless::Serverless;
pub use topic::{Topic, TopicProps};
