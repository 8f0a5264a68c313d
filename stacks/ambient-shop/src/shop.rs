//! The services, their gateway, and their routes.

use meshsynth::ecr::{Repository, RepositoryProps};
use meshsynth::elbv2::Scheme;
use meshsynth::kube::cert_manager as certificates;
use meshsynth::mesh::traffic::{CallProps, GatewayApi};
use meshsynth::mesh::{
    Events, Load, Namespace, NamespaceProps, Protocol, Scale, Slo, Trigger, VersionProps, Waypoint, Workload,
    WorkloadProps,
};
use meshsynth::{App, Duration, Percent, Stack};

use crate::platform::Platform;

const HOST: &str = "shop.partners.example";
const SECRET: &str = "shop-partners-tls";

pub fn define(app: &App, platform: &Platform) {
    let stack = Stack::new(app, "shop", crate::place());
    stack.describe("The services of the shop, and their images.");
    let (mesh, waypoint) = (Some(platform.istio.membership()), Some(Waypoint::default()));
    let shop =
        Namespace::new(&stack, "shop", &platform.cluster, NamespaceProps { mesh, waypoint, ..Default::default() });
    shop.scrape_proxies(&platform.prometheus);
    let images = |name: &str| Repository::new(&stack, &format!("{name}-images"), RepositoryProps::default());
    let service = |name: &str, images: &Repository, protocol: Protocol, scale: Scale| {
        Workload::new(&shop, name, images.image("1.0.0"), WorkloadProps { protocol, scale, ..Default::default() })
    };
    let catalogs = images("catalog");
    let catalog = service("catalog", &catalogs, Protocol::Http, by_requests(platform, 4));
    let orders = service("orders", &images("orders"), Protocol::Http, Scale::default());
    let stock = service("stock", &images("stock"), Protocol::Grpc, Scale::default());

    let reads = CallProps { methods: vec!["GET".to_owned()], ..Default::default() };
    orders.calls_with(&catalog, reads).calls_at("STOCK_ADDRESS", &stock);
    catalog.calls_at("STOCK_ADDRESS", &stock);
    catalog.slo(Slo::availability(99.9));
    orders.env("CATALOG_URL", catalog.url());

    let props = VersionProps { scale: by_requests(platform, 2), ..Default::default() };
    let next = catalog.version("v2", catalogs.image("2.0.0-rc.1"), props);
    catalog.canary(&next, Percent(5)).timeout(Duration::seconds(2));

    certificate(&shop, platform);
    let entry = GatewayApi::new(&shop, "entry", Scheme::Internal, Some(SECRET));
    entry.expose(HOST, "/catalog", &catalog);
    entry.expose(HOST, "/orders", &orders);
}

/// Scales pods by the requests that the waypoint counts. KEDA queries Prometheus for this number.
fn by_requests(platform: &Platform, min: u32) -> Scale {
    let triggers = [Trigger::load(Load::requests(&platform.prometheus, 50)), Trigger::cpu(Percent(70))];
    Scale::Events(Events { min, max: 12, ..Events::new(&platform.keda, triggers) })
}

/// The certificate that the gateway presents to partners.
fn certificate(shop: &Namespace, platform: &Platform) {
    let issuer =
        certificates::IssuerReference::new(platform.authority.name()).kind("ClusterIssuer").group("cert-manager.io");
    let key = certificates::CertificatePrivateKey::new()
        .algorithm(certificates::CertificatePrivateKeyAlgorithm::Ecdsa)
        .size(256)
        .rotation_policy(certificates::RotationPolicy::Always);
    let spec = certificates::CertificateSpec::new(issuer, SECRET).dns_names([HOST]).private_key(key);
    certificates::Certificate::new().spec(spec).define(shop, "certificate", SECRET);
}
