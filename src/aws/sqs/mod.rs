//! Amazon SQS queues, each with a dead-letter queue.

mod bare;
mod existing;
mod queue;

pub use existing::ExistingQueue;
pub use queue::{Queue, QueueProps};
