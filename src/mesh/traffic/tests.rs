//! Tests of traffic settings, with one behavior per test.

use crate::kube::cert_manager as l1;
use crate::mesh::traffic::{
    Balance, CircuitBreaker, Cors, Endpoint, External, ExternalProps, ExternalProtocol, Locality, Machines, Metric,
    MetricTag, Retries, RetryOn, Route, Tag, Telemetry, TelemetryProps, Tokens, caller, cookie, header, method, query,
    uri, user_agent,
};
use crate::mesh::{
    CallProps, Istio, IstioProps, Mode, Namespace, NamespaceProps, Protocol, Tracing, Version, Workload, WorkloadProps,
};
use crate::testing::{Platform, cluster, mesh_workload};
use crate::{App, Construct, Duration, Percent};

mod entries;
mod limits;
mod ports;
mod switch;

fn platform(define: impl FnOnce(&Workload)) -> Platform {
    Platform::synth("shop", |app| define(&mesh_workload(app)))
}

fn workload(beside: &Workload, name: &str) -> Workload {
    Workload::new(beside.namespace(), name, format!("registry.example/{name}:1.0.0"), WorkloadProps::default())
}

fn v2(orders: &Workload) -> Version {
    orders.version("v2", "registry.example/orders:2.0.0", Default::default())
}

/// Returns a namespace in a mesh of this mode, which sends spans to a collector.
fn namespace(app: &App, mode: Mode) -> Namespace {
    let cluster = cluster(app);
    let stack = cluster.scope().stack();
    let tracing = Some(Tracing::open_telemetry("collector.observability.svc.cluster.local"));
    let istio = Istio::new(&stack, "istio", &cluster, IstioProps { mode, tracing, ..Default::default() });
    Namespace::new(&stack, "shop", &cluster, NamespaceProps { mesh: Some(istio.membership()), ..Default::default() })
}

/// Compares a text with `snapshots/traffic/<name>.snap`.
#[track_caller]
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/traffic"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.replace(' ', "-"), text));
}

/// Defines an existing certificate, in a secret with its name.
fn certificate(namespace: &Namespace, name: &str) {
    let issuer = l1::IssuerReference::new("authority");
    l1::Certificate::new().spec(l1::CertificateSpec::new(issuer, name.to_owned())).define(namespace, name, name);
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

/// Returns the manifest of an object, starting at its `spec`.
fn spec<'a>(platform: &'a Platform, object: &str) -> &'a str {
    let text = platform.manifest(object);
    &text[text.find("\nspec:").expect("it has a spec") + 1..]
}

#[test]
fn routes_keep_their_order_and_the_default_route_is_last() {
    let platform = platform(|orders| {
        let v2 = v2(orders);
        let v3 = orders.version("v3", "registry.example/orders:3.0.0", Default::default());
        orders.default_route().timeout(Duration::seconds(5));
        orders.route().when(header("user-type").exact("premium")).to(&v2, 90).to(&v3, 10);
        orders.route().named("asia").when(header("user-region").exact("asia")).to(&v3, 100);
    });
    snapshot("routes in order", spec(&platform, "virtualservice-orders"));
}

#[test]
fn version_is_a_subset_and_receives_no_requests_by_default() {
    let platform = platform(|orders| {
        orders.env("LEVEL", "info");
        v2(orders);
        orders.env("REGION", "tokyo");
    });
    snapshot("version", spec(&platform, "destinationrule-orders"));
    has(spec(&platform, "virtualservice-orders"), &["name: default", "subset: v1"]);
    has(platform.manifest("service-orders"), &["app: orders"]);
    let version = platform.manifest("deployment-orders-v2");
    has(version, &["app.kubernetes.io/name: orders-v2", "version: v2", "serviceAccountName: orders", "orders-config"]);
    assert!(!platform.manifest("deployment-orders").contains("orders-v2"));
}

#[test]
fn canary_splits_requests_between_version_and_own_pods() {
    let platform = platform(|orders| {
        orders.canary(&v2(orders), Percent(10));
        let v2 = orders.scope().child("v2");
        assert!(v2.is_some());
    });
    has(spec(&platform, "virtualservice-orders"), &["subset: v1", "weight: 90", "subset: v2", "weight: 10"]);
}

#[test]
fn matches_every_part_of_a_request() {
    let platform = platform(|orders| {
        let stock = workload(orders, "stock");
        orders
            .route()
            .when(uri().prefix("/api"))
            .when(method("get"))
            .when(header("X-Region").regex("ap-.*"))
            .when(header("x-debug").absent())
            .when(query("beta").exact("1"))
            .when(cookie("tier", "gold"))
            .when(caller(&stock))
            .or_when(user_agent().regex(".*Mobile.*"));
    });
    snapshot("conditions", spec(&platform, "virtualservice-orders"));
}

#[test]
fn writes_all_settings_of_a_route() {
    let platform = platform(|orders| {
        let retries = Retries {
            attempts: 3,
            per_try_timeout: Some(Duration::millis(500)),
            backoff: Some(Duration::millis(50)),
            on: vec![RetryOn::ServerError, RetryOn::Reset, RetryOn::Status(429)],
        };
        orders
            .default_route()
            .timeout(Duration::seconds(2))
            .retries(retries)
            .mirror(&v2(orders), Percent(5))
            .rewrite("/api", "/v2")
            .set_header("x-mesh", "orders")
            .cors(Cors { origins: vec!["https://shop.example.com".to_owned()], ..Default::default() });
    });
    snapshot("route settings", spec(&platform, "virtualservice-orders"));
}

#[test]
fn injects_delays_and_errors() {
    let platform = platform(|orders| {
        orders
            .route()
            .when(header("x-chaos").present())
            .delay(Duration::seconds(3), Percent(10))
            .abort(503, Percent(1));
    });
    has(spec(&platform, "virtualservice-orders"), &["fixedDelay: 3s", "httpStatus: 503", "value: 10\n", "x-chaos: {}"]);
}

#[test]
fn limits_connections_and_ejects_failing_pods() {
    let platform = platform(|orders| {
        orders.circuit_breaker(CircuitBreaker { consecutive_errors: 3, ..Default::default() });
        orders.retry_budget(Percent(20), 3);
    });
    snapshot("circuit breaker", spec(&platform, "destinationrule-orders"));
}

#[test]
fn splits_requests_over_regions_and_ejects_failing_pods() {
    let platform = platform(|orders| {
        orders.balance(Balance::RoundRobin);
        orders.sticky_by_cookie("user_session", Duration::seconds(3600));
        orders.locality(Locality::split(70, 30, "ap-northeast-3"));
    });
    snapshot("localities", spec(&platform, "destinationrule-orders"));
}

#[test]
fn fails_over_to_another_region() {
    let platform = platform(|orders| {
        orders.locality(Locality::Failover("ap-northeast-3".to_owned()));
    });
    let rule = spec(&platform, "destinationrule-orders");
    has(rule, &["from: ap-northeast-1", "to: ap-northeast-3", "outlierDetection"]);
}

#[test]
fn requires_identities_and_denies_unlisted_callers() {
    let platform = platform(|_| {});
    has(platform.manifest("peerauthentication-default"), &["mode: STRICT"]);
    has(platform.manifest("authorizationpolicy-deny-all"), &["spec: {}"]);
    assert!(!platform.assembly.files.keys().any(|path| path.ends_with("authorizationpolicy-orders.yaml")));
}

#[test]
fn opens_policies_and_sidecar_for_call() {
    let platform = platform(|orders| {
        orders.calls(&workload(orders, "payments"));
    });
    snapshot("call", spec(&platform, "authorizationpolicy-payments"));
    has(spec(&platform, "sidecar-orders"), &["- istio-system/*", "- shop/payments.shop.svc.cluster.local"]);
    assert!(!spec(&platform, "sidecar-payments").contains("shop/"));
    has(platform.manifest("networkpolicy-payments"), &["app: orders", "port: 8080"]);
    has(platform.manifest("networkpolicy-orders"), &["app: payments", "istio-system", "port: 15012"]);
}

#[test]
fn call_can_have_allowed_methods_and_a_separate_timeout() {
    let platform = platform(|orders| {
        let payments = workload(orders, "payments");
        orders.calls_with(
            &payments,
            CallProps {
                timeout: Some(Duration::seconds(2)),
                retries: Some(Retries::never()),
                methods: vec!["POST".to_owned()],
                paths: vec!["/charges/*".to_owned()],
            },
        );
        payments.default_route().timeout(Duration::seconds(9));
    });
    snapshot("call with properties", spec(&platform, "virtualservice-payments"));
    has(spec(&platform, "authorizationpolicy-payments"), &["- POST", "- /charges/*", "- \"8080\""]);
}

#[test]
fn workload_accepts_load_balancer_by_its_addresses() {
    let platform = platform(|orders| {
        crate::mesh::LoadBalancerService::new(orders, "orders-entry", Default::default());
    });
    has(platform.manifest("peerauthentication-orders"), &["\"8080\":", "mode: PERMISSIVE", "mode: STRICT"]);
    has(spec(&platform, "authorizationpolicy-orders"), &["ipBlocks:"]);
}

#[test]
fn checks_tokens_and_rejects_requests_without_token() {
    let platform = platform(|orders| {
        orders.require_tokens(Tokens {
            except: vec!["/public/*".to_owned()],
            audiences: vec!["shop".into()],
            claims: vec![("tenant".to_owned(), vec!["acme".into()])],
            ..Tokens::of("https://login.example.com/", "https://login.example.com/jwks.json")
        });
    });
    has(platform.manifest("requestauthentication-orders"), &["issuer: https://login.example.com/", "- shop"]);
    let refused = platform.manifest("authorizationpolicy-orders-without-token");
    has(refused, &["action: DENY", "notRequestPrincipals", "- /public/*", "request.auth.claims[tenant]"]);
}

#[test]
fn enables_dns_proxy_for_mesh_names() {
    let captures = |platform: &Platform| {
        platform.assembly.files["helm/platform-cluster/istiod.values.yaml"].contains("ISTIO_META_DNS_CAPTURE: \"true\"")
    };
    assert!(captures(&platform(|orders| {
        Machines::new(orders.namespace(), "stock", 8080, ExternalProtocol::Http).allow_from(orders);
    })));
    assert!(!captures(&platform(|orders| {
        External::new(orders.namespace(), "bank", "api.bank.example", ExternalProps::default()).allow_from(orders);
    })));
}

#[test]
fn registers_external_host_only_for_its_callers() {
    let platform = platform(|orders| {
        let bank = External::new(orders.namespace(), "bank", "api.bank.example", ExternalProps::default());
        bank.allow_from(orders);
        workload(orders, "stock");
    });
    snapshot("external host", spec(&platform, "serviceentry-bank"));
    has(spec(&platform, "sidecar-orders"), &["- shop/api.bank.example"]);
    assert!(!spec(&platform, "sidecar-stock").contains("bank"));
    has(platform.manifest("networkpolicy-orders"), &["cidr: 0.0.0.0/0", "port: 443"]);
}

#[test]
fn sets_weights_of_endpoints_in_several_networks() {
    let platform = platform(|orders| {
        let at = |address: &str, network: &str, weight| Endpoint {
            network: Some(network.to_owned()),
            weight: Some(weight),
            ..Endpoint::at(address)
        };
        External::new(
            orders.namespace(),
            "ledger",
            "ledger.global",
            ExternalProps {
                port: 8080,
                protocol: ExternalProtocol::Http,
                internal: true,
                endpoints: vec![at("one.example.com", "network1", 70), at("two.example.com", "network2", 30)],
                ..Default::default()
            },
        );
    });
    snapshot("external endpoints", spec(&platform, "serviceentry-ledger"));
}

#[test]
fn registers_machines_as_mesh_service() {
    let platform = platform(|orders| {
        let stock = Machines::new(orders.namespace(), "stock", 8080, ExternalProtocol::Http);
        stock.add("10.0.4.17").allow_from(orders);
    });
    has(spec(&platform, "workloadgroup-stock"), &["network: network-ap-northeast-1", "serviceAccount: stock"]);
    has(spec(&platform, "workloadentry-stock-10-0-4-17"), &["address: \"10.0.4.17\"", "app: stock"]);
    has(spec(&platform, "serviceentry-stock"), &["resolution: STATIC", "workloadSelector", "stock.shop.mesh.internal"]);
}

#[test]
fn samples_tags_and_exports_spans() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app, Mode::Sidecar);
        let tags = vec![
            ("user-type".to_owned(), Tag::header("user-type")),
            ("environment".to_owned(), Tag::Literal("production".to_owned())),
        ];
        let metrics = vec![
            MetricTag::set(Metric::RequestCount, "request_host", "request.host"),
            MetricTag::remove(Metric::AllMetrics, "grpc_response_status"),
        ];
        Telemetry::new(&shop, "default", TelemetryProps { sampling: 5.0, tags, metrics });
        let watch = Namespace::new(&shop.scope().stack(), "observability", shop.cluster(), NamespaceProps::default());
        let props = WorkloadProps { protocol: Protocol::Grpc, port: 4317, ..WorkloadProps::default() };
        Workload::new(&watch, "collector", "registry.example/collector:1.0.0", props);
        Workload::new(&shop, "orders", "registry.example/orders:1.0.0", WorkloadProps::default());
    });
    snapshot("telemetry", spec(&platform, "telemetry-default"));
    has(spec(&platform, "sidecar-orders"), &["- observability/collector.observability.svc.cluster.local"]);
    has(platform.manifest("networkpolicy-orders"), &["kubernetes.io/metadata.name: observability", "port: 4317"]);
}

#[test]
fn uses_tunnels_instead_of_sidecars_in_ambient_mode() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app, Mode::Ambient);
        let workload = |name| Workload::new(&shop, name, "registry.example/a:1.0.0", WorkloadProps::default());
        workload("orders").calls(&workload("payments"));
    });
    has(platform.manifest("networkpolicy-payments"), &["port: 15008", "169.254.7.127/32"]);
    has(spec(&platform, "authorizationpolicy-payments"), &["cluster.local/ns/shop/sa/orders"]);
    assert!(!platform.assembly.files.keys().any(|path| path.contains("sidecar") || path.contains("waypoint")));
}

#[test]
fn uses_waypoint_only_for_request_features() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app, Mode::Ambient);
        let workload = |name| Workload::new(&shop, name, "registry.example/a:1.0.0", WorkloadProps::default());
        let (orders, stock, payments) = (workload("orders"), workload("stock"), workload("payments"));
        orders.calls(&payments);
        let methods = vec!["GET".to_owned()];
        stock.calls_with(&payments, CallProps { methods, ..Default::default() });
    });
    has(platform.manifest("gateway-waypoint"), &["gatewayClassName: istio-waypoint", "protocol: HBONE"]);
    has(platform.manifest("service-payments"), &["istio.io/use-waypoint: waypoint"]);
    let requests = spec(&platform, "authorizationpolicy-payments-requests");
    has(requests, &["kind: Service", "sa/orders", "sa/stock", "- GET"]);
    let pods = spec(&platform, "authorizationpolicy-payments");
    assert!(pods.contains("sa/waypoint") && !pods.contains("sa/orders"), "{pods}");
    has(platform.manifest("networkpolicy-orders"), &["gateway.networking.k8s.io/gateway-name: waypoint"]);
}

#[test]
fn writes_http_routes_for_supported_waypoint_features() {
    let routes = |configure: fn(Route) -> Route| {
        Platform::synth("shop", |app| {
            let shop = namespace(app, Mode::Ambient);
            let orders = Workload::new(&shop, "orders", "registry.example/a:1.0.0", WorkloadProps::default());
            let next = v2(&orders);
            orders.route().when(header("user-type").exact("premium")).to(&next, 100);
            configure(orders.canary(&next, Percent(5)).timeout(Duration::seconds(2)));
        })
    };
    snapshot("waypoint_routes", routes(|route| route).manifest("httproute-orders"));
    let other = routes(|route| route.abort(503, Percent(1)));
    has(other.manifest("virtualservice-orders"), &["subset: v2", "httpStatus: 503"]);
    assert!(!other.assembly.files.keys().any(|path| path.contains("httproute")));
}

#[test]
fn opens_proxy_metrics_for_prometheus() {
    let platform = platform(|orders| {
        orders.namespace().metrics_for("monitoring");
    });
    has(platform.manifest("networkpolicy-allow-metrics"), &["port: 15020", "port: 15090", "monitoring"]);
}

#[test]
fn limits_only_connections_of_tcp_workload() {
    let platform = platform(|orders| {
        let props = WorkloadProps { protocol: Protocol::Tcp, port: 5432, ..Default::default() };
        let ledger = Workload::new(orders.namespace(), "ledger", "registry.example/ledger:1.0.0", props);
        ledger.circuit_breaker(CircuitBreaker::default());
        orders.calls(&ledger);
    });
    assert!(!spec(&platform, "destinationrule-ledger").contains("http:"));
    has(spec(&platform, "authorizationpolicy-ledger"), &["- \"5432\""]);
}
