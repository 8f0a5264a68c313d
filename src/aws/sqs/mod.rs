//! Queues of Amazon SQS, each with a queue for what cannot be handled.

mod bare;
mod existing;
mod queue;

pub use existing::ExistingQueue;
pub use queue::{Queue, QueueProps};
