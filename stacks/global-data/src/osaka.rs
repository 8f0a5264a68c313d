//! The replicas.

use meshsynth::aws::Vpc;
use meshsynth::elasticache::{FollowerProps, ReplicationGroup};
use meshsynth::kms::Key;
use meshsynth::{App, Env, Stack, msk, rds};

use crate::OSAKA;
use crate::tokyo::Data;

/// The data stores of the secondary region.
pub struct Copies {
    /// The secondary Aurora cluster.
    pub orders: rds::Cluster,
    /// The read replica of the reports.
    pub reports: rds::Database,
    /// The secondary cache.
    pub sessions: ReplicationGroup,
    /// The Kafka cluster that receives copies of the events.
    pub events: msk::Serverless,
}

pub fn define(app: &App, vpc: &Vpc, key: &Key, data: &Data) -> Copies {
    let stack = Stack::new(app, "data-osaka", Env::region(OSAKA));
    stack.describe("Replicas of the data stores in the other region, which can be promoted.");
    let orders = rds::ClusterProps {
        capacity: rds::Capacity::Serverless { min: 8.0, max: 32.0 },
        key: Some(key.clone()),
        ..Default::default()
    };
    let reports = rds::ReplicaProps { multi_az: true, key: Some(key.clone()), ..Default::default() };
    let sessions = FollowerProps { key: Some(key.clone()), ..Default::default() };
    let events = msk::Serverless::new(&stack, "events", vpc);
    let copied = msk::ReplicatorProps {
        topics: vec!["order-.*".to_owned(), "payment-.*".to_owned()],
        key: Some(key.clone()),
        ..Default::default()
    };
    msk::Replicator::new(&stack, "replicator", &data.events, &events, copied);
    let orders = data.orders.add_secondary(&stack, "orders", vpc, orders);
    stack.output("OrdersAddress", orders.reader_address());
    Copies {
        orders,
        reports: data.reports.add_replica(&stack, "reports", vpc, reports),
        sessions: data.sessions.add_follower(&stack, "sessions", vpc, sessions),
        events,
    }
}
