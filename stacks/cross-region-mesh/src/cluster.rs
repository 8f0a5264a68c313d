//! The cluster of a region with its nodes, its controllers and Istio.

use meshsynth::acm::{Certificate, CertificateProps};
use meshsynth::aws::Vpc;
use meshsynth::eks::{Access, Capacity, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::elbv2::Scheme;
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::mesh::addons::{ExternalDns, ExternalSecrets, Keda, LoadBalancerController, OtelCollector, Prometheus};
use meshsynth::mesh::{
    AccessLog, ClusterCredentials, Gateway, GatewayProps, Istio, IstioProps, Member, Namespace, NamespaceProps, Tls,
    Tracing,
};
use meshsynth::route53::HostedZone;
use meshsynth::val::Bag;
use meshsynth::{App, Stack};

use crate::{HOST, MESH, Region};

/// The constructs of one region.
pub struct Site {
    /// The region.
    pub region: Region,
    /// The stack of the cluster.
    pub stack: Stack,
    /// The cluster.
    pub cluster: Cluster,
    /// The installation of Istio.
    pub istio: Istio,
    /// The ingress gateway for clients.
    pub entry: Gateway,
    /// The namespace of the services.
    pub services: Namespace,
    /// Prometheus, which collects the metrics of the mesh.
    pub prometheus: Prometheus,
    /// KEDA, which scales workloads by these metrics.
    pub keda: Keda,
    external_secrets: ExternalSecrets,
}

impl Site {
    /// Returns the cluster as a member of the mesh.
    pub fn member<'a>(&'a self, credentials: &'a ClusterCredentials) -> Member<'a> {
        Member { istio: &self.istio, external_secrets: &self.external_secrets, credentials }
    }
}

pub fn define(app: &App, region: Region, vpc: &Vpc, zone: &HostedZone) -> Site {
    let stack = region.stack(app, "cluster");
    stack.describe("Kubernetes cluster with its nodes, Istio and the services.");
    let cluster = Cluster::new(&stack, &format!("cluster-{}", region.id), vpc, ClusterProps::default());
    let description = "People and pipelines that deploy the platform.".to_owned();
    let operators = Role::new(&stack, "operators", Trust::Account, RoleProps { description, ..Default::default() });
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);
    cluster.add_node_group("on-demand", NodeGroupProps::default());
    cluster.add_node_group("spot", NodeGroupProps { capacity: Capacity::Spot, ..Default::default() });
    let balancers = LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    ExternalDns::new(&stack, "external-dns", &cluster, zone);
    let external_secrets = ExternalSecrets::new(&stack, "external-secrets", &cluster);
    let keda = Keda::new(&stack, "keda", &cluster);
    let prometheus = Prometheus::new(&stack, "prometheus", &cluster, Default::default());
    let collector = OtelCollector::to_xray(&stack, "collector", &cluster);

    let istio = IstioProps {
        mesh_id: Some(MESH.to_owned()),
        network: Some(region.network()),
        access_log: AccessLog::Json,
        tracing: Some(Tracing::open_telemetry(collector.host())),
        ..Default::default()
    };
    let istio = Istio::new(&stack, "istio", &cluster, istio);
    prometheus.scrape_istiod();
    let ingress = GatewayProps {
        scheme: Scheme::InternetFacing,
        certificate: Some(Certificate::new(&stack, "certificate", HOST, zone, CertificateProps::default())),
        hosts: vec![HOST.to_owned()],
        values: health_check(),
        ..Default::default()
    };
    let ingress = istio.add_gateway("ingress", ingress);
    ingress.release().depends_on(balancers.release());
    let entry = Gateway::new(&ingress, "entry", Tls::AtBalancer);
    let services = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
    let services = Namespace::new(&stack, "services", &cluster, services);
    services.scrape_proxies(&prometheus);
    Site { region, stack, cluster, istio, entry, services, prometheus, keda, external_secrets }
}

/// Returns a health check every 30 seconds, with a timeout of 5 seconds; 3 failures remove a pod.
fn health_check() -> Bag {
    let annotations = [("interval", "30"), ("timeout", "5"), ("unhealthy-threshold", "3")]
        .map(|(key, value)| (format!("service.beta.kubernetes.io/aws-load-balancer-healthcheck-{key}"), value));
    Bag::default().with("service", Bag::default().with("annotations", annotations.into_iter().collect::<Bag>()))
}
