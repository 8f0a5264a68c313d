//! Routes of a workload with several ports.

use super::has;
use crate::mesh::{CallProps, PodProps, Port, Protocol, Release, Workload, WorkloadProps};
use crate::testing::{Platform, codes, mesh_workload};
use crate::{Duration, Percent};

/// Defines a workload with ports for HTTP, gRPC and TCP, and configures it.
fn stock(release: Release, say: impl FnOnce(&Workload, &Workload)) -> Platform {
    Platform::synth("shop", |app| {
        let orders = mesh_workload(app);
        if let Release::Canary(_) = release {
            let cluster = orders.namespace().cluster();
            crate::mesh::addons::ArgoRollouts::new(cluster, "argo-rollouts", cluster);
        }
        let ports = vec![Port::new("grpc", 9090, Protocol::Grpc), Port::new("replica", 5555, Protocol::Tcp)];
        let pod = PodProps { ports, ..Default::default() };
        let props = WorkloadProps { pod, release, ..Default::default() };
        let stock = Workload::new(orders.namespace(), "stock", "registry.example/stock:2.0.0", props);
        say(&orders, &stock);
    })
}

#[test]
fn route_of_additional_port_forwards_to_the_same_port() {
    let platform = stock(Release::Rolling, |orders, stock| {
        let next = stock.version("v2", "registry.example/stock:3.0.0", Default::default());
        stock.canary(&next, Percent(10));
        orders.calls(&stock.at_port("grpc"));
    });
    let routes = platform.manifest("virtualservice-stock");
    has(routes, &["name: port-grpc", "number: 9090", "- port: 9090", "- port: 8080", "weight: 10"]);
    assert_eq!(routes.matches("weight: 90").count(), 2, "{routes}");
    assert!(!routes.contains("5555"), "{routes}");
}

#[test]
fn sets_timeout_of_caller_for_each_port() {
    let timeout = |seconds| CallProps { timeout: Some(Duration::seconds(seconds)), ..Default::default() };
    let platform = stock(Release::Rolling, |orders, stock| {
        orders.calls_with(stock, timeout(3)).calls_with(&stock.at_port("grpc"), timeout(7));
    });
    let routes = platform.manifest("virtualservice-stock");
    has(routes, &["name: default-for-orders", "name: port-grpc-for-orders", "timeout: 3s", "timeout: 7s"]);
    let at = |text: &str| routes.find(text).expect("it is there");
    assert!(at("timeout: 3s") < at("name: port-grpc-for-orders"), "{routes}");
}

#[test]
fn rollout_sets_weights_in_routes_of_all_ports() {
    let platform = stock(Release::Canary(Default::default()), |orders, stock| {
        orders.calls(&stock.at_port("grpc"));
    });
    has(platform.manifest("rollout-stock"), &["- default", "- port-grpc"]);
    let routes = platform.manifest("virtualservice-stock");
    has(routes, &["spec.http[name=port-grpc].route[].weight", "spec.http[name=default].route[].weight"]);
}

#[test]
fn rejects_timeout_of_tcp_port() {
    let found = codes(|app| {
        let orders = mesh_workload(app);
        let pod = PodProps { ports: vec![Port::new("replica", 5555, Protocol::Tcp)], ..Default::default() };
        let props = WorkloadProps { pod, ..Default::default() };
        let stock = Workload::new(orders.namespace(), "stock", "registry.example/stock:2.0.0", props);
        let timeout = CallProps { timeout: Some(Duration::seconds(2)), ..Default::default() };
        orders.calls_with(&stock.at_port("replica"), timeout);
    });
    assert_eq!(found, ["MS1030"]);
}
