//! AWS Lambda functions, their event sources and their permissions.

mod admit;
mod bare;
mod code;
mod failures;
mod function;
mod import;
mod kafka;
mod limits;
mod sources;
mod target;
#[cfg(test)]
mod tests;
mod url;

pub use code::{Architecture, Code};
pub use failures::Failures;
pub use function::{Function, FunctionProps};
pub use import::ExistingFunction;
pub use kafka::KafkaSource;
pub use sources::{QueueSource, StreamSource};
pub use url::FunctionUrl;
