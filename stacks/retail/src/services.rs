//! The services with their calls, permissions and rate limits.

use meshsynth::cognito::{ClientProps, DomainName, SignIn, UserPool, UserPoolProps};
use meshsynth::mesh::traffic::{Each, Per, RateLimit, RateLimitService, Tokens};
use meshsynth::mesh::{
    Callee, ExistingCallee, Namespace, NamespaceProps, PodProps, Protocol, Scale, VersionProps, Workload, WorkloadProps,
};
use meshsynth::{App, Percent, Stack};

use crate::data::Data;
use crate::events::Events;
use crate::network::Network;
use crate::platform::Platform;
use crate::{Environment, pods};

/// The services that other modules use.
pub struct Shop {
    pub stack: Stack,
    pub namespace: Namespace,
    pub catalog: Workload,
    pub orders: Workload,
    pub storefront: Workload,
    /// All services.
    pub services: [Workload; 4],
}

pub fn define(
    app: &App,
    env: &Environment,
    network: &Network,
    platform: &Platform,
    data: &Data,
    events: &Events,
) -> Shop {
    let stack = Stack::new(app, "shop", env.place());
    stack.describe("The services of the shop, and the sign-in of users.");
    let mesh = Some(platform.settled.clone());
    let namespace = Namespace::new(&stack, "shop", &platform.cluster, NamespaceProps { mesh, ..Default::default() });
    let service = |name: &str, pod: PodProps| {
        let (scale, version) = (Scale::Auto(env.scale.clone()), Some(env.version.to_owned()));
        let props = WorkloadProps { scale, version, pod, ..Default::default() };
        Workload::new(&namespace, name, data.image(env, name), props)
    };
    let storefront = service("storefront", PodProps::default());
    let carts = service("carts", PodProps::default());
    let orders = service("orders", pods::orders(data));
    let catalog = service("catalog", pods::catalog(env, data));
    storefront.calls_at("CATALOG_URL", &catalog).calls_at("CARTS_URL", &carts).calls_at("ORDERS_URL", &orders);
    orders.calls_at("CATALOG_ADDRESS", &catalog.at_port("grpc"));

    stores(data, events, &catalog, &carts, &orders);
    let next = catalog.version("v4", data.image(env, "catalog-next"), VersionProps::default());
    catalog.canary(&next, Percent(5));

    let broker = ExistingCallee::new("messaging", "rabbitmq", 5672, Protocol::Tcp);
    let broker = Callee::import(&namespace, "rabbitmq", broker.pod_label("app.kubernetes.io/name", "rabbitmq"));
    orders.calls(&broker);
    orders.env("AMQP_HOST", broker.host());

    platform.entry.expose(env.domain, "/", &storefront);
    platform.entry.expose(env.domain, "/api/orders", &orders);
    sign_in(&stack, env, network, platform);
    limits(env, &namespace, data, platform, &orders);
    let services = [storefront.clone(), carts, catalog.clone(), orders.clone()];
    Shop { stack, namespace, catalog, orders, storefront, services }
}

/// Defines the data stores and permissions of each service.
fn stores(data: &Data, events: &Events, catalog: &Workload, carts: &Workload, orders: &Workload) {
    data.media.allow_from(catalog);
    data.catalog.allow_from(catalog);
    data.catalog.grant_connect(catalog, "catalog");
    catalog.env("DB_HOST", data.catalog.address()).env("UPLOADS", events.uploads.name());
    events.uploads.grant_read_write(catalog);

    data.search.allow_from(catalog);
    data.search.grant_write(catalog);
    data.search.grant_read(catalog);
    catalog.env("SEARCH_URL", data.search.url());

    data.carts.grant_read_write(carts);
    carts.env("TABLE_NAME", data.carts.name());
    data.reviews.grant_read_write(catalog);
    catalog.env("REVIEWS_TABLE", data.reviews.name());

    data.orders.allow_from(orders);
    data.orders.grant_connect(orders, "orders");
    data.warehouse.allow_from(orders);
    orders.env("WAREHOUSE_URL", data.warehouse.url());
    orders.env_secret("WAREHOUSE_PASSWORD", &data.warehouse.secret().field("password"));
    events.orders.grant_publish(orders);
    events.bus.grant_put_events(orders);
    events.returns.grant_start(orders);
    orders
        .env("DB_HOST", data.orders.address())
        .env("TOPIC_ARN", events.orders.arn())
        .env("BUS_NAME", events.bus.name())
        .env("RETURNS_ARN", events.returns.arn());
}

/// A purchase requires a login; browsing does not.
fn sign_in(stack: &Stack, env: &Environment, network: &Network, platform: &Platform) {
    let people = UserPool::new(stack, "people", UserPoolProps::default());
    let callbacks = vec![format!("https://{}/login", network.zone.domain())];
    let sign_in = SignIn::Browser { callbacks, logouts: Vec::new() };
    let web = people.add_client("web", ClientProps { sign_in, ..Default::default() });
    people.add_domain("login", DomainName::Prefix(format!("acme-retail-{}", env.account)));
    let except = vec!["/".to_owned(), "/assets/*".to_owned(), "/login".to_owned()];
    platform.entry.require_tokens(Tokens { except, ..web.tokens() });
}

/// Rate limits per address and per customer.
fn limits(env: &Environment, namespace: &Namespace, data: &Data, platform: &Platform, orders: &Workload) {
    platform.entry.limit_rate("address", RateLimit::of(50, Per::Second).each(Each::Address));
    orders.limit_rate("burst", RateLimit::of(200, Per::Second).below("/api/orders"));
    let limits = [("customer", RateLimit::of(100, Per::Minute).each(Each::header("x-customer")))];
    let image = data.image(env, "ratelimit");
    let service = RateLimitService::new(namespace, "rate-limits", image, &data.counters, limits, Default::default());
    service.apply("customer", orders);
}
