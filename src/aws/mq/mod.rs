//! Amazon MQ brokers: RabbitMQ and ActiveMQ.

mod broker;
mod import;

pub use broker::{Broker, BrokerProps, Engine};
pub use import::ExistingBroker;
