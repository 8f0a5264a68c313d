//! The data stores.

use meshsynth::aws::Vpc;
use meshsynth::aws::backup::{Plan, PlanProps, Vault, VaultProps};
use meshsynth::dynamodb::{Attribute, Capacity, Index, LocalIndex, Scaling, StreamView, Table, TableProps};
use meshsynth::efs::{AccessPoint, AccessPointProps, FileSystem, FileSystemProps};
use meshsynth::elasticache::{Access, ReplicationGroup, ReplicationGroupProps};
use meshsynth::kms::{ExistingKey, Key};
use meshsynth::{App, Gib, Stack, ecr, mq, opensearch, rds, ssm};

use crate::Environment;
use crate::environment::SHARED;

/// The stores of the shop.
pub struct Data {
    pub stack: Stack,
    /// The KMS key of the company.
    pub key: Key,
    pub catalog: rds::Cluster,
    pub orders: rds::Database,
    pub carts: Table,
    /// The table of product reviews.
    pub reviews: Table,
    pub counters: ReplicationGroup,
    pub search: opensearch::Domain,
    /// The message broker of the warehouse.
    pub warehouse: mq::Broker,
    pub media: FileSystem,
    pub photos: AccessPoint,
}

impl Data {
    /// Returns the image of a service. One account of the company contains all images.
    pub fn image(&self, env: &Environment, name: &str) -> meshsynth::Val<String> {
        let arn = format!("arn:aws:ecr:{}:{SHARED}:repository/retail/{name}", env.region);
        ecr::Repository::import(&self.stack, &format!("{name}-images"), ecr::ExistingRepository::arn(arn))
            .image(env.version)
    }
}

pub fn define(app: &App, env: &Environment, vpc: &Vpc) -> Data {
    let stack = Stack::new(app, "data", env.place());
    stack.describe("Databases, tables, files and caches, encrypted with the key of the company.");
    let key = Key::import(&stack, "company-key", ExistingKey { arn: ssm::existing(&stack, "/company/keys/data") });
    let catalog = rds::ClusterProps {
        engine: rds::AuroraEngine::mysql(),
        capacity: rds::Capacity::Class(env.database.to_owned()),
        key: Some(key.clone()),
        ..Default::default()
    };
    let orders = rds::DatabaseProps {
        engine: rds::Engine::mariadb(),
        instance_class: env.database.to_owned(),
        storage: Gib(50),
        multi_az: env.multi_az,
        key: Some(key.clone()),
        ..Default::default()
    };
    let carts = TableProps {
        indexes: vec![Index::new("by-customer", Attribute::text("customer"))],
        stream: Some(StreamView::NewAndOldImages),
        expires_at: Some("expires".to_owned()),
        key: Some(key.clone()),
        ..Default::default()
    };
    // There are many reads and few writes.
    let reviews = TableProps {
        sort_key: Some(Attribute::text("written")),
        local_indexes: vec![LocalIndex::new("by-stars", Attribute::Number("stars".to_owned()))],
        capacity: Capacity::Provisioned { read: Scaling::between(10, 400), write: Scaling::between(5, 50) },
        key: Some(key.clone()),
        ..Default::default()
    };
    let counters = ReplicationGroupProps {
        access: Access::Password,
        node_type: env.cache.to_owned(),
        key: Some(key.clone()),
        ..Default::default()
    };
    let search =
        opensearch::DomainProps { instance_type: env.search.to_owned(), key: Some(key.clone()), ..Default::default() };
    let warehouse = mq::BrokerProps { multi_az: env.multi_az, key: Some(key.clone()), ..Default::default() };
    let media = FileSystem::new(&stack, "media", vpc, FileSystemProps { key: Some(key.clone()), ..Default::default() });
    let data = Data {
        catalog: rds::Cluster::new(&stack, "catalog-db", vpc, catalog),
        orders: rds::Database::new(&stack, "orders-db", vpc, orders),
        carts: Table::new(&stack, "carts", Attribute::text("id"), carts),
        reviews: Table::new(&stack, "reviews", Attribute::text("product"), reviews),
        counters: ReplicationGroup::new(&stack, "counters", vpc, counters),
        search: opensearch::Domain::new(&stack, "search", vpc, search),
        warehouse: mq::Broker::new(&stack, "warehouse", vpc, warehouse),
        photos: media.add_access_point("photos", AccessPointProps::default()),
        media,
        key,
        stack,
    };
    let vault = Vault::new(&data.stack, "vault", VaultProps::default());
    Plan::new(&data.stack, "nightly", PlanProps { vault: Some(vault), ..Default::default() })
        .protect(&data.catalog)
        .protect(&data.orders)
        .protect(&data.carts)
        .protect(&data.reviews);
    data
}
