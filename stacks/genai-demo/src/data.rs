//! Data stores: a database and an image repository per service, Kafka, a cache.

use meshsynth::aws::Vpc;
use meshsynth::elasticache::{ReplicationGroup, ReplicationGroupProps};
use meshsynth::kms::{Key, KeyProps};
use meshsynth::{App, Gib, Stack, ecr, msk, rds};

use crate::Environment;

/// The data stores of the platform.
pub struct Data {
    /// One per service: order, payment, inventory, pricing, delivery, notification.
    pub services: [Service; 6],
    /// The Kafka cluster.
    pub kafka: msk::Cluster,
    /// The topic of order events.
    pub order_events: msk::Topic,
    /// The topic of payment events.
    pub payment_events: msk::Topic,
    /// The topic of delivery events.
    pub delivery_events: msk::Topic,
    /// The cache of all services.
    pub cache: ReplicationGroup,
    /// The KMS key of all data stores.
    pub key: Key,
}

/// The resources of one service.
pub struct Service {
    /// The name of the service.
    pub name: &'static str,
    /// Its database.
    pub database: rds::Database,
    /// Its image repository.
    pub images: ecr::Repository,
}

pub fn define(app: &App, env: &Environment, vpc: &Vpc) -> Data {
    let stack = Stack::new(app, "data", env.place());
    stack.describe("Databases, Kafka, cache and images, encrypted with one key.");
    let key = Key::new(&stack, "key", KeyProps::default());
    let kafka = msk::Cluster::new(
        &stack,
        "kafka",
        vpc,
        msk::ClusterProps {
            instance_type: env.broker.to_owned(),
            storage: Gib(100),
            key: Some(key.clone()),
            ..Default::default()
        },
    );
    let cache = ReplicationGroup::new(
        &stack,
        "cache",
        vpc,
        ReplicationGroupProps {
            node_type: env.cache.to_owned(),
            cache_clusters: env.cache_nodes,
            key: Some(key.clone()),
            ..Default::default()
        },
    );
    let services = ["order", "payment", "inventory", "pricing", "delivery", "notification"].map(|name| Service {
        name,
        database: rds::Database::new(
            &stack,
            &format!("{name}-db"),
            vpc,
            rds::DatabaseProps {
                instance_class: env.database.to_owned(),
                storage: Gib(20),
                max_storage: Gib(100),
                multi_az: env.multi_az,
                key: Some(key.clone()),
                ..Default::default()
            },
        ),
        images: ecr::Repository::new(
            &stack,
            name,
            ecr::RepositoryProps { key: Some(key.clone()), ..Default::default() },
        ),
    });
    Data {
        services,
        order_events: kafka.add_topic("order-events", msk::TopicProps { partitions: 12, ..Default::default() }),
        payment_events: kafka.add_topic("payment-events", msk::TopicProps::default()),
        delivery_events: kafka.add_topic("delivery-events", msk::TopicProps::default()),
        kafka,
        cache,
        key,
    }
}
