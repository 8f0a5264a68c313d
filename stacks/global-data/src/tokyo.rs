//! The primary data stores.

use meshsynth::aws::Vpc;
use meshsynth::dynamodb::{self, Attribute, Index, Table, TableProps};
use meshsynth::elasticache::{self, GlobalDatastore, ReplicationGroup, ReplicationGroupProps};
use meshsynth::kms::Key;
use meshsynth::secrets::{self, Secret, SecretProps};
use meshsynth::{App, Env, Stack, msk, rds};

use crate::{OSAKA, TOKYO};

/// The data stores of the primary region.
pub struct Data {
    /// Orders: an Aurora cluster over both regions.
    pub orders: rds::GlobalCluster,
    /// Reports: one PostgreSQL instance, with a replica in the other region.
    pub reports: rds::Database,
    /// Sessions: a cache over both regions.
    pub sessions: GlobalDatastore,
    /// Prices: a cache in this region only.
    pub prices: elasticache::Serverless,
    /// Events: Kafka, copied to the other region.
    pub events: msk::Serverless,
    /// Carts: a table that both regions write.
    pub carts: Table,
    /// The credentials for a partner, which are readable in both regions.
    pub partner: Secret,
}

pub fn define(app: &App, vpc: &Vpc, key: &Key, replica: &Key) -> Data {
    let stack = Stack::new(app, "data-tokyo", Env::region(TOKYO));
    stack.describe("Primary databases, caches, Kafka cluster and table.");
    let copied = || vec![secrets::Replica { region: OSAKA.to_owned(), key: replica.clone() }];
    let login = |id: &str, user: &str| {
        let fields = vec![("username".to_owned(), user.to_owned())];
        let props = SecretProps { key: Some(key.clone()), fields, replicas: copied(), ..Default::default() };
        Secret::new(&stack, id, props)
    };
    let orders = rds::GlobalCluster::new(
        &stack,
        "orders",
        vpc,
        rds::ClusterProps {
            capacity: rds::Capacity::Serverless { min: 8.0, max: 32.0 },
            login: rds::Login::Secret(login("orders-login", "postgres")),
            key: Some(key.clone()),
            ..Default::default()
        },
    );
    stack.output("OrdersAddress", orders.primary().address());
    let reports = rds::Database::new(
        &stack,
        "reports",
        vpc,
        rds::DatabaseProps {
            login: rds::Login::Secret(login("reports-login", "postgres")),
            key: Some(key.clone()),
            ..Default::default()
        },
    );
    let cache =
        ReplicationGroupProps { node_type: "cache.r7g.large".to_owned(), key: Some(key.clone()), ..Default::default() };
    let sessions = ReplicationGroup::new(&stack, "sessions", vpc, cache);
    let prices = elasticache::ServerlessProps { key: Some(key.clone()), ..Default::default() };
    let carts = TableProps {
        sort_key: Some(Attribute::text("item")),
        indexes: vec![Index::new("by-item", Attribute::text("item"))],
        replicas: vec![dynamodb::Replica { region: OSAKA.to_owned(), key: replica.clone() }],
        expires_at: Some("expires".to_owned()),
        key: Some(key.clone()),
        ..Default::default()
    };
    Data {
        orders,
        reports,
        sessions: GlobalDatastore::new(&stack, "sessions-global", &sessions),
        prices: elasticache::Serverless::new(&stack, "prices", vpc, prices),
        events: msk::Serverless::new(&stack, "events", vpc),
        carts: Table::new(&stack, "carts", Attribute::text("customer"), carts),
        partner: login("partner", "shop"),
    }
}
