//! Rules for Kafka clusters and replicators of Amazon MSK.

use super::Rule;

rules! {
    "MS0301" uneven_broker_count => platform;
    "MS0302" unsupported_kafka_version => model;
    "MS0303" invalid_broker_type => model;
    "MS0315" unreachable_replicator_source => model;
}
