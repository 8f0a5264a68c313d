//! Topics of Amazon SNS: what is published once and goes to many.

mod bare;
mod existing;
mod subscription;
mod topic;

pub use existing::ExistingTopic;
pub use subscription::{Filter, Subscriber, SubscriptionProps};
pub use topic::{Topic, TopicProps};
