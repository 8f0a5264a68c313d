//! The six services: their calls with timeouts and retries, their public paths, and canary releases.

use meshsynth::mesh::traffic::{
    Balance, CallProps, CircuitBreaker, Cors, External, ExternalProps, ExternalProtocol, Machines, Metric, MetricTag,
    Retries, RetryOn, Telemetry, TelemetryProps, cookie, header,
};
use meshsynth::mesh::{Namespace, NamespaceProps, Scale, VersionProps, Workload, WorkloadProps};
use meshsynth::{App, Duration, Percent, Stack};

use crate::images::{self, Images, NAMES};
use crate::platform::Platform;

const HOST: &str = "api.c4ang.com";
const VERSION: &str = "1.4.0";

pub fn define(app: &App, platform: &Platform) {
    let stack = Stack::new(app, "services", crate::place());
    stack.describe("The services of the shop, and their images.");
    let images = images::define(&stack);
    let mesh = Some(platform.istio.membership());
    let shop = Namespace::new(&stack, "ecommerce", &platform.cluster, NamespaceProps { mesh, ..Default::default() });
    let services = NAMES.map(|name| {
        let props =
            WorkloadProps { scale: Scale::Fixed(2), version: Some(VERSION.to_owned()), ..WorkloadProps::default() };
        Workload::new(&shop, name, images.of(name).image(VERSION), props)
    });
    for service in &services {
        platform.entry.expose(HOST, &format!("/api/v1/{}", service.name()), service);
        service.circuit_breaker(CircuitBreaker::default());
        service.retry_budget(Percent(20), 3);
    }
    let [customers, orders, payments, products, recommendations, saga] = services;
    calls(&customers, &orders, &payments, &products, &recommendations, &saga);
    outside(&shop, &payments, &products);
    trials(&images, &products, &recommendations);

    orders.default_route().timeout(Duration::seconds(10));
    products
        .balance(Balance::LeastRequest)
        .circuit_breaker(CircuitBreaker { consecutive_errors: 3, ..CircuitBreaker::default() });
    Telemetry::new(
        &shop,
        "default",
        TelemetryProps {
            metrics: vec![
                MetricTag::set(Metric::RequestCount, "request_method", "request.method"),
                MetricTag::remove(Metric::RequestCount, "connection_security_policy"),
            ],
            ..Default::default()
        },
    );
}

/// The saga calls the other services. A retry must not have an effect twice, so payments are not retried.
fn calls(
    customers: &Workload,
    orders: &Workload,
    payments: &Workload,
    products: &Workload,
    recommendations: &Workload,
    saga: &Workload,
) {
    let patient = CallProps {
        timeout: Some(Duration::seconds(3)),
        retries: Some(Retries {
            per_try_timeout: Some(Duration::seconds(1)),
            backoff: Some(Duration::millis(50)),
            on: vec![RetryOn::GatewayError, RetryOn::ConnectFailure, RetryOn::RefusedStream],
            ..Retries::default()
        }),
        ..Default::default()
    };
    for callee in [customers, orders, products] {
        saga.calls_with(callee, patient.clone());
    }
    let once = CallProps {
        timeout: Some(Duration::seconds(8)),
        retries: Some(Retries::never()),
        methods: vec!["POST".to_owned(), "DELETE".to_owned()],
        ..Default::default()
    };
    saga.calls_with(payments, once);
    orders.calls(products).calls(customers);
    recommendations.calls(products).calls(customers);
    for (caller, callee) in [(saga, orders), (saga, payments), (saga, products), (saga, customers)] {
        caller.env(&format!("{}_URL", callee.name().to_uppercase()), callee.url());
    }
    for caller in [orders, recommendations] {
        caller.env("PRODUCTS_URL", products.url()).env("CUSTOMERS_URL", customers.url());
    }
}

/// Defines services outside of the cluster: the bank, and the virtual machines of the warehouse.
fn outside(shop: &Namespace, payments: &Workload, products: &Workload) {
    let bank = External::new(shop, "bank", "api.bank.example", ExternalProps::default());
    bank.allow_from(payments);
    payments.env("BANK_URL", format!("https://{}", bank.host()));
    let warehouse = Machines::new(shop, "warehouse", 8080, ExternalProtocol::Http);
    warehouse.add("10.60.200.11").add("10.60.200.12").allow_from(products);
    products.env("WAREHOUSE_URL", format!("http://{}:{}", warehouse.host(), warehouse.port()));
}

/// New versions: 2 % of the requests get the next recommendations. A header or cookie selects the next products.
fn trials(images: &Images, products: &Workload, recommendations: &Workload) {
    let next = recommendations.version("v2", images.of("recommendations").image("2.0.0-rc.1"), VersionProps::default());
    recommendations.canary(&next, Percent(2)).timeout(Duration::millis(800));

    let next = products.version("v2", images.of("products").image("2.0.0-beta.3"), VersionProps::default());
    products
        .route()
        .named("testers")
        .when(header("x-release").exact("next"))
        .or_when(cookie("release", "next"))
        .to(&next, 100);
    products
        .default_route()
        .cors(Cors { origins: vec!["https://shop.c4ang.com".to_owned()], ..Cors::default() })
        .timeout(Duration::seconds(2));
}
