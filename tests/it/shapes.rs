//! Correct platforms of several architectures have no findings.
//!
//! `crates/cli/tests/fixtures/check/correct` contains the same architectures as plain manifests.

use meshsynth::mesh::addons::{GatewayApiDefinitions, Keda, LoadBalancerController, Prometheus};
use meshsynth::mesh::traffic::{CallProps, CircuitBreaker, GatewayApi, Locality, header};
use meshsynth::mesh::{
    Events, Gateway, GatewayProps, Istio, IstioProps, Load, Mode, Namespace, NamespaceProps, Scale, ScaledJob, Slo,
    Tls, Trigger, VersionProps, Workload, WorkloadProps,
};
use meshsynth::{App, Construct, Duration, Env, Percent, Stack, aws, eks, elbv2, sqs, testing};

/// Defines a cluster without additional controllers.
fn cluster(app: &App, region: &str) -> eks::Cluster {
    let run = Stack::new(app, &format!("run-{region}"), Env::region(region));
    let vpc = aws::Vpc::new(&run, "vpc", aws::VpcProps::default());
    let cluster = eks::Cluster::new(&run, "cluster", &vpc, eks::ClusterProps::default());
    cluster.add_node_group("main", eks::NodeGroupProps::default());
    cluster
}

fn namespace(cluster: &eks::Cluster, mesh: Option<Istio>) -> Namespace {
    Namespace::new(
        &cluster.scope().stack(),
        "shop",
        cluster,
        NamespaceProps { mesh: mesh.map(|istio| istio.membership()), ..Default::default() },
    )
}

fn istio(cluster: &eks::Cluster, mode: Mode) -> Istio {
    Istio::new(&cluster.scope().stack(), "istio", cluster, IstioProps { mode, ..Default::default() })
}

fn workload(shop: &Namespace, name: &str) -> Workload {
    Workload::new(shop, name, format!("registry.example/{name}:1.0.0"), WorkloadProps::default())
}

#[track_caller]
fn is_clean(define: impl FnOnce(&App)) {
    let found = testing::diagnostics("shop", define);
    assert!(found.is_empty(), "{}", meshsynth::diag::render(&found));
}

#[test]
fn platform_without_a_mesh_has_no_findings() {
    is_clean(|app| {
        let cluster = cluster(app, "eu-west-1");
        LoadBalancerController::new(&cluster, "balancers", &cluster);
        let shop = namespace(&cluster, None);
        let (orders, payments) = (workload(&shop, "orders"), workload(&shop, "payments"));
        orders.calls(&payments);
        meshsynth::mesh::LoadBalancerService::new(&orders, "entry", Default::default());
    });
}

#[test]
fn one_cluster_with_sidecars_has_no_findings() {
    is_clean(|app| {
        let cluster = cluster(app, "eu-west-1");
        LoadBalancerController::new(&cluster, "balancers", &cluster);
        let istio = istio(&cluster, Mode::Sidecar);
        let shop = namespace(&cluster, Some(istio.clone()));
        let (orders, payments) = (workload(&shop, "orders"), workload(&shop, "payments"));
        orders.calls_with(&payments, CallProps { methods: vec!["POST".to_owned()], ..Default::default() });
        let next = payments.version("v2", "registry.example/payments:2.0.0", VersionProps::default());
        payments.route().when(header("x-release").exact("next")).to(&next, 100);
        payments.circuit_breaker(CircuitBreaker::default());
        let entry = Gateway::new(&istio.add_gateway("ingress", GatewayProps::default()), "entry", Tls::Off);
        entry.expose("api.example.com", "/orders", &orders);
    });
}

#[test]
fn platform_in_two_regions_has_no_findings() {
    is_clean(|app| {
        for (region, other) in [("eu-west-1", "eu-central-1"), ("eu-central-1", "eu-west-1")] {
            let cluster = cluster(app, region);
            let shop = namespace(&cluster, Some(istio(&cluster, Mode::Sidecar)));
            let (orders, payments) = (workload(&shop, "orders"), workload(&shop, "payments"));
            orders.calls(&payments);
            payments.locality(Locality::split(70, 30, other));
        }
    });
}

#[test]
fn platform_with_an_ambient_mesh_has_no_findings() {
    is_clean(|app| {
        let cluster = cluster(app, "eu-west-1");
        GatewayApiDefinitions::new(&cluster, "gateway-api", &cluster);
        let shop = namespace(&cluster, Some(istio(&cluster, Mode::Ambient)));
        let (orders, payments) = (workload(&shop, "orders"), workload(&shop, "payments"));
        orders.calls_with(&payments, CallProps { methods: vec!["POST".to_owned()], ..Default::default() });
        payments.calls(&workload(&shop, "ledger"));
        let next = payments.version("v2", "registry.example/payments:2.0.0", VersionProps::default());
        payments.canary(&next, Percent(10)).timeout(Duration::seconds(2));
    });
}

#[test]
fn platform_with_only_a_gateway_api_entry_has_no_findings() {
    for mode in [Mode::Sidecar, Mode::Ambient] {
        is_clean(|app| {
            let cluster = cluster(app, "eu-west-1");
            LoadBalancerController::new(&cluster, "balancers", &cluster);
            GatewayApiDefinitions::new(&cluster, "gateway-api", &cluster);
            let shop = namespace(&cluster, Some(istio(&cluster, mode)));
            let orders = workload(&shop, "orders");
            let next = orders.version("v2", "registry.example/orders:2.0.0", VersionProps::default());
            orders.canary(&next, Percent(10));
            GatewayApi::new(&shop, "entry", elbv2::Scheme::Internal, None).expose("api.example.com", "/", &orders);
        });
    }
}

#[test]
fn keda_without_a_mesh_has_no_findings() {
    is_clean(|app| {
        let cluster = cluster(app, "eu-west-1");
        let keda = Keda::new(&cluster, "keda", &cluster);
        let shop = namespace(&cluster, None);
        let mails = sqs::Queue::new(&cluster, "mails", sqs::QueueProps::default());
        let scale = Scale::Events(Events::new(&keda, [Trigger::queue(&mails, 20), Trigger::cpu(Percent(70))]));
        let props = WorkloadProps { scale, ..Default::default() };
        let mailer = Workload::new(&shop, "mailer", "registry.example/mailer:1.0.0", props);
        mails.grant_receive(&mailer);
        let triggers = [Trigger::queue(&mails, 1)];
        ScaledJob::new(&shop, "cutter", "registry.example/cutter:1.0.0", &keda, triggers, Default::default());
    });
}

#[test]
fn monitored_mesh_has_no_findings() {
    is_clean(|app| {
        let cluster = cluster(app, "eu-west-1");
        let keda = Keda::new(&cluster, "keda", &cluster);
        let prometheus = Prometheus::new(&cluster, "prometheus", &cluster, Default::default());
        let shop = namespace(&cluster, Some(istio(&cluster, Mode::Sidecar)));
        shop.scrape_proxies(&prometheus);
        let orders = workload(&shop, "orders");
        orders.slo(Slo::availability(99.5)).slo(Slo::latency_p99(Duration::millis(500)));
        let triggers = [Trigger::load(Load::requests(&prometheus, 50))];
        let scale = Scale::Events(Events { min: 2, ..Events::new(&keda, triggers) });
        orders.version("v2", "registry.example/orders:2.0.0", VersionProps { scale, ..Default::default() });
    });
}
