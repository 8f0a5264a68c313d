//! Amazon SNS topics, which deliver each message to all subscribers.

mod bare;
mod existing;
mod subscription;
mod topic;

pub use existing::ExistingTopic;
pub use subscription::{Filter, Subscriber, SubscriptionProps};
pub use topic::{Topic, TopicProps};
