//! Tests of gateways.

use super::{certificate, has, platform, snapshot, spec, v2, workload};
use crate::mesh::traffic::{GatewayApi, header, uri};
use crate::mesh::{Gateway, GatewayProps, Istio, Protocol, Tls, Workload, WorkloadProps};
use crate::testing::{Platform, workload_and_mesh};
use crate::{Construct, Duration, Percent};

fn platform_with(define: impl FnOnce(&Workload, &Istio)) -> Platform {
    Platform::synth("shop", |app| {
        let (orders, istio) = workload_and_mesh(app);
        define(&orders, &istio);
    })
}

#[test]
fn routes_gateway_paths_with_routes_of_workloads() {
    let platform = platform_with(|orders, istio| {
        let payments = workload(orders, "payments");
        let ingress = istio.add_gateway("ingress", GatewayProps::default());
        certificate(ingress.namespace(), "api-example-com");
        let entry = Gateway::new(&ingress, "entry", Tls::Secret("api-example-com".to_owned()));
        entry.expose("api.example.com", "/", &payments);
        entry.expose("api.example.com", "/api/v1/orders", orders).rewrite("/orders");
        let v2 = v2(orders);
        orders.route().when(uri().prefix("/orders/new")).when(header("user-type").exact("premium")).to(&v2, 100);
        orders.canary(&v2, Percent(2));
    });
    snapshot("gateway routes", spec(&platform, "virtualservice-entry-api-example-com"));
    snapshot("gateway", spec(&platform, "gateway-entry"));
    has(spec(&platform, "authorizationpolicy-orders"), &["cluster.local/ns/istio-ingress/sa/ingress"]);
    has(platform.manifest("networkpolicy-orders"), &["istio: ingress"]);
}

#[test]
fn serves_plain_text_behind_tls_load_balancer() {
    let platform = Platform::synth("shop", |app| {
        let (orders, istio) = workload_and_mesh(app);
        let stack = orders.scope().stack();
        let zone = crate::route53::HostedZone::public(&stack, "zone", "example.com", Default::default());
        let certificate =
            crate::acm::Certificate::new(&stack, "certificate", "api.example.com", &zone, Default::default());
        let props = GatewayProps { certificate: Some(certificate), ..Default::default() };
        let ingress = istio.add_gateway("ingress", props);
        Gateway::new(&ingress, "entry", Tls::AtBalancer).expose("api.example.com", "/", &orders);
    });
    let gateway = spec(&platform, "gateway-entry");
    has(gateway, &["httpsRedirect: true", "number: 443", "name: http-behind-tls"]);
    assert!(!gateway.contains("credentialName"), "{gateway}");
}

#[test]
fn writes_paths_and_versions_for_gateway_api() {
    let platform = platform(|orders| {
        let v2 = v2(orders);
        orders.route().when(header("user-type").exact("premium")).to(&v2, 100);
        orders.canary(&v2, Percent(10)).timeout(Duration::seconds(3));
        certificate(orders.namespace(), "entry-tls");
        let entry = GatewayApi::new(orders.namespace(), "entry", crate::elbv2::Scheme::Internal, Some("entry-tls"));
        entry.expose("api.example.com", "/orders", orders);
        let props = WorkloadProps { protocol: Protocol::Grpc, ..Default::default() };
        let stock = Workload::new(orders.namespace(), "stock", "registry.example/stock:1.0.0", props);
        entry.expose("stock.example.com", "/", &stock);
    });
    snapshot("gateway api", spec(&platform, "gateway-entry"));
    snapshot("gateway api route", spec(&platform, "httproute-entry-orders"));
    has(spec(&platform, "grpcroute-entry-stock"), &["name: stock", "sectionName: https"]);
    has(platform.manifest("service-orders-v2"), &["version: v2", "app: orders"]);
    has(spec(&platform, "authorizationpolicy-orders"), &["cluster.local/ns/shop/sa/entry-istio"]);
}

#[test]
fn smoke_test_checks_every_path_and_pod() {
    let platform = platform_with(|orders, istio| {
        let ingress = istio.add_gateway("ingress", GatewayProps::default());
        certificate(ingress.namespace(), "api-example-com");
        let entry = Gateway::new(&ingress, "entry", Tls::Secret("api-example-com".to_owned()));
        entry.expose("api.example.com", "/orders", orders);
    });
    let script = &platform.assembly.files["smoke/platform-cluster.sh"];
    let checks: Vec<&str> = script.lines().skip_while(|line| *line != "pods shop app=orders 2").collect();
    let wanted = [
        "pods shop app=orders 2",
        "address istio-ingress ingress",
        "inside istio-ingress deployment/ingress istio-proxy https api.example.com 443 /orders",
        "outside istio-ingress ingress https api.example.com 443 /orders",
        "",
        "finish",
    ];
    assert_eq!(checks, wanted);
}
