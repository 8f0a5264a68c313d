//! Resources of production that existed before the shop. The program imports them.

use meshsynth::aws::security::{ExistingSecurityGroup, SecurityGroup};
use meshsynth::elasticache::{ExistingCache, ReplicationGroup};
use meshsynth::iam::{ExistingRole, Role};
use meshsynth::logs::LogGroup;
use meshsynth::mesh::{ExistingNamespace, ExistingServiceAccount, Namespace, ServiceAccount};
use meshsynth::secrets::Secret;
use meshsynth::{App, Stack, dynamodb, msk, rds, sns, sqs, ssm};

use crate::Environment;
use crate::environment::SHARED;
use crate::events::Events;
use crate::network::Network;
use crate::platform::Platform;
use crate::services::Shop;

pub fn define(app: &App, env: &Environment, network: &Network, platform: &Platform, events: &Events, shop: &Shop) {
    let stack = Stack::new(app, "inherited", env.place());
    stack.describe("Permissions of the services for existing resources.");
    databases(&stack, env, network, shop);
    messages(&stack, env, network, shop);
    // Feature flags, which product managers change.
    let switches = ssm::Parameter::import(&stack, "switches", ssm::ExistingParameter::named("/company/switches"));
    switches.grant_read(&shop.storefront);
    shop.storefront.env("SWITCHES", switches.name());
    // The auditors of the company, and the location from which they read the sales data.
    let auditors = ExistingRole::arn(format!("arn:aws:iam::{}:role/auditors", env.account));
    events.uploads.grant_read(&Role::import(&stack, "auditors", auditors));
    let sales = LogGroup::import(&stack, "sales", "/company/audit/sales");
    sales.grant_write(&shop.orders);
    shop.orders.env("AUDIT_LOG", sales.name());
    // The operations team has a collector in another namespace, which writes failed events to the upload bucket.
    let agents = Namespace::import(&stack, "operations", ExistingNamespace::named("operations", &platform.cluster));
    let collector = ServiceAccount::import(&agents, "collector", ExistingServiceAccount::named("collector"));
    events.uploads.grant_write(&collector);
}

/// The planning database, the price history, the login sessions, and the gift cards.
fn databases(stack: &Stack, env: &Environment, network: &Network, shop: &Shop) {
    let group = |id: &str, group: &str| SecurityGroup::import(stack, id, ExistingSecurityGroup::id(group));
    let host = |name: &str| format!("{name}.c1x2y3z4a5b6.{}.rds.amazonaws.com", env.region);
    let planning = rds::ExistingDatabase {
        engine: rds::Engine::postgres(),
        secret: Some(Secret::import(stack, "planning-login", secret(env, "planning-Ab3xYz"))),
        ..rds::ExistingDatabase::new(
            "planning",
            host("planning"),
            &group("planning-clients", "sg-0d44f1b58ecf6a031"),
            &network.vpc,
        )
    };
    let planning = rds::Database::import(stack, "planning", planning);
    planning.allow_from(&shop.orders);
    shop.orders.env("PLANNING_HOST", planning.address());
    shop.orders.env_secret("PLANNING_PASSWORD", &planning.secret().field("password"));

    let prices = rds::ExistingCluster {
        engine: rds::AuroraEngine::mysql(),
        resource_id: Some("cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ".into()),
        ..rds::ExistingCluster::new(
            "prices",
            host("prices.cluster"),
            &group("prices-clients", "sg-0d44f1b58ecf6a032"),
            &network.vpc,
        )
    };
    let prices = rds::Cluster::import(stack, "prices", prices);
    prices.allow_from(&shop.catalog);
    prices.grant_connect(&shop.catalog, "catalog");
    shop.catalog.env("PRICES_HOST", prices.reader_address());

    let host = "master.sessions.a1b2c3.euc1.cache.amazonaws.com";
    let sessions = ExistingCache::new("sessions", host, "storefront", "sg-0d44f1b58ecf6a033", &network.vpc);
    let sessions = ReplicationGroup::import(stack, "sessions", sessions);
    sessions.allow_from(&shop.storefront);
    sessions.grant_connect(&shop.storefront);
    shop.storefront.env("SESSIONS_URL", sessions.url());

    let cards = dynamodb::Table::import(stack, "gift-cards", dynamodb::ExistingTable::named("company-gift-cards"));
    cards.grant_read_write(&shop.orders);
    shop.orders.env("GIFT_CARDS", cards.name());
}

/// Click events for the data team, payments for the bank team, and price changes.
fn messages(stack: &Stack, env: &Environment, network: &Network, shop: &Shop) {
    let region = env.region;
    let arn = format!("arn:aws:kafka:{region}:{}:cluster/activity/1234abcd-12ab-34cd-56ef-1234567890ab-2", env.account);
    let brokers = format!("b-1.activity.x9y8z7.c2.kafka.{region}.amazonaws.com:9098");
    let activity = msk::ExistingCluster::new(&arn, &brokers, "sg-0d44f1b58ecf6a034", &network.vpc);
    let activity = msk::Cluster::import(stack, "activity", activity);
    activity.allow_from(&shop.storefront);
    activity.topic("clicks").grant_produce(&shop.storefront);
    shop.storefront.env("BROKERS", activity.brokers());

    let payments = sqs::ExistingQueue::arn(format!("arn:aws:sqs:{region}:{SHARED}:payments"));
    let payments = sqs::Queue::import(stack, "payments", payments);
    payments.grant_send(&shop.orders);
    shop.orders.env("PAYMENTS_URL", payments.url());

    let arn = ssm::existing(stack, "/company/topics/price-changes");
    let changes = sns::ExistingTopic { arn, key: None, fifo: false };
    let changes = sns::Topic::import(stack, "price-changes", changes);
    let new_prices = sqs::Queue::new(stack, "new-prices", Default::default());
    changes.subscribe(&new_prices);
    new_prices.grant_receive(&shop.catalog);
    shop.catalog.env("NEW_PRICES_URL", new_prices.url());
}

/// Returns the ARN of a secret in the account.
fn secret(env: &Environment, name: &str) -> String {
    format!("arn:aws:secretsmanager:{}:{}:secret:{name}", env.region, env.account)
}
