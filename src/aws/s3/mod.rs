//! Amazon S3 buckets.

mod bare;
mod bucket;
mod cors;
mod existing;
mod grants;
mod notification;
mod transition;

pub use bucket::{Bucket, BucketProps};
pub use cors::Cors;
pub use existing::ExistingBucket;
pub use notification::{Event, Notification};
pub use transition::Transition;
