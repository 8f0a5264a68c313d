//! Tests of rate limits and waypoints.

use super::{has, namespace, platform, snapshot, spec};
use crate::Construct;
use crate::elasticache::{Access, ReplicationGroup, ReplicationGroupProps};
use crate::mesh::traffic::{Each, Per, RateLimit, RateLimitService, Tokens};
use crate::mesh::{Istio, IstioProps, Mode, Namespace, NamespaceProps, StatefulSet, Waypoint, Workload};
use crate::testing::{Platform, cluster, mesh_workload};
use crate::units::Percent;

#[test]
fn combines_limits_of_workload_in_one_filter() {
    let platform = platform(|orders| {
        orders.limit_rate("burst", RateLimit::of(200, Per::Second));
        let of_key = RateLimit::of(20, Per::Minute).each(Each::header("X-Api-Key")).each(Each::Address);
        orders.limit_rate("per-key", of_key.below("/api/orders"));
    });
    snapshot("local rate limits", platform.manifest("envoyfilter-orders-rate-limits"));
}

#[test]
fn rate_limit_service_counts_requests_of_all_pods() {
    let platform = Platform::synth("shop", |app| {
        let orders = mesh_workload(app);
        let shop = orders.namespace();
        let props = ReplicationGroupProps { access: Access::Password, ..Default::default() };
        let cache = ReplicationGroup::new(&shop.scope().stack(), "counters", shop.cluster().vpc(), props);
        let limits = [
            ("per-customer", RateLimit::of(100, Per::Minute).each(Each::header("x-customer"))),
            ("all", RateLimit::of(5000, Per::Second)),
        ];
        let image = "registry.example/ratelimit:2026.7.1";
        let service = RateLimitService::new(shop, "rate-limits", image, &cache, limits, Default::default());
        service.apply("per-customer", &orders).apply("all", &orders);
    });
    let filter = platform.manifest("envoyfilter-orders-global-rate-limits");
    let file = platform.manifest("configmap-rate-limits-limits-files");
    snapshot("global rate limits", &format!("{filter}---\n{file}"));
    has(platform.manifest("deployment-rate-limits"), &[":$(CACHE_PASSWORD)", "/data/ratelimit/config"]);
    has(platform.manifest("networkpolicy-rate-limits"), &["port: 8081", "port: 6379"]);
    has(platform.manifest("sidecar-orders"), &["shop/rate-limits.shop.svc.cluster.local"]);
}

#[test]
fn namespace_waypoint_receives_requests_to_every_service() {
    let platform = Platform::synth("shop", |app| {
        let cluster = cluster(app);
        let istio = Istio::new(&cluster, "istio", &cluster, IstioProps { mode: Mode::Ambient, ..Default::default() });
        let waypoint = Some(Waypoint { replicas: (3, 9), ..Default::default() });
        let props = NamespaceProps { mesh: Some(istio.membership()), waypoint, ..Default::default() };
        let shop = Namespace::new(&cluster, "shop", &cluster, props);
        let workload =
            |name: &str| Workload::new(&shop, name, format!("registry.example/{name}:1.0.0"), Default::default());
        workload("orders").calls(&workload("stock"));
    });
    has(platform.manifest("namespace-shop"), &["istio.io/use-waypoint: waypoint"]);
    has(platform.manifest("gateway-waypoint"), &["kind: ConfigMap", "name: waypoint-size"]);
    has(platform.manifest("configmap-waypoint-size"), &["minReplicas: 3", "istio-proxy", "memory: 256Mi"]);
    has(platform.manifest("authorizationpolicy-stock"), &["sa/waypoint"]);
    has(platform.manifest("authorizationpolicy-stock-requests"), &["sa/orders"]);
}

#[test]
fn attaches_waypoint_policies_to_all_services_of_pods() {
    let platform = Platform::synth("shop", |app| {
        let cluster = cluster(app);
        let istio = Istio::new(&cluster, "istio", &cluster, IstioProps { mode: Mode::Ambient, ..Default::default() });
        let waypoint = Some(Waypoint::default());
        let props = NamespaceProps { mesh: Some(istio.membership()), waypoint, ..Default::default() };
        let shop = Namespace::new(&cluster, "shop", &cluster, props);
        let orders = Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default());
        let stock = Workload::new(&shop, "stock", "registry.example/stock:1.0.0", Default::default());
        let next = stock.version("v2", "registry.example/stock:2.0.0", Default::default());
        stock.canary(&next, Percent(5));
        stock.require_tokens(Tokens::of("https://login.example.com", "https://login.example.com/keys"));
        let queue = StatefulSet::new(&shop, "queue", "registry.example/queue:1.0.0", Default::default());
        orders.calls(&stock);
        orders.calls(&queue);
    });
    let named = ["name: stock\n", "name: stock-v1\n", "name: stock-v2\n"];
    for policy in
        ["authorizationpolicy-stock-requests", "requestauthentication-stock", "authorizationpolicy-stock-without-token"]
    {
        has(spec(&platform, policy), &named);
    }
    has(spec(&platform, "authorizationpolicy-queue-requests"), &["name: queue\n", "name: queue-pods\n"]);
}

#[test]
fn omits_waypoint_without_request_features() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app, Mode::Ambient);
        Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default());
    });
    assert!(!platform.assembly.files.keys().any(|path| path.contains("gateway-waypoint")));
}
