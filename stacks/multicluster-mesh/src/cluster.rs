//! A cluster of the mesh with its nodes, its controllers and Istio.

use meshsynth::aws::Vpc;
use meshsynth::eks::{Access, Capacity, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::elbv2::Scheme;
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::mesh::addons::{ArgoRollouts, ExternalDns, ExternalSecrets, Keda, Kiali, LoadBalancerController};
use meshsynth::mesh::{
    AccessLog, ClusterCredentials, Gateway, GatewayProps, Istio, IstioProps, Member, Namespace, NamespaceProps, Tls,
};
use meshsynth::{App, Env, Stack};

use crate::edge::Edge;
use crate::watch::Watch;
use crate::{HOST, MESH, REGION};

/// The parts of a cluster that the shop uses.
pub struct Site {
    /// The ingress gateway for customers.
    pub entry: Gateway,
    /// The namespace of the shop.
    pub shop: Namespace,
    /// Monitoring of the cluster.
    pub watch: Watch,
    /// KEDA, which scales workloads by pending messages.
    pub keda: Keda,
    /// The stack of the cluster.
    pub stack: Stack,
    istio: Istio,
    external_secrets: ExternalSecrets,
}

impl Site {
    /// Returns the cluster as a member of the mesh.
    pub fn member<'a>(&'a self, credentials: &'a ClusterCredentials) -> Member<'a> {
        Member { istio: &self.istio, external_secrets: &self.external_secrets, credentials }
    }
}

pub fn define(app: &App, no: usize, vpc: &Vpc, edge: &Edge) -> Site {
    let name = format!("cluster{no}");
    let stack = Stack::new(app, &name, Env::region(REGION));
    stack.describe("Kubernetes cluster with its nodes, Istio, monitoring, and the shop.");
    let cluster = Cluster::new(&stack, &name, vpc, ClusterProps::default());
    let description = "People and pipelines that deploy the platform.".to_owned();
    let operators = Role::new(&stack, "operators", Trust::Account, RoleProps { description, ..Default::default() });
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);
    cluster.add_node_group("on-demand", NodeGroupProps::default());
    cluster.add_node_group("spot", NodeGroupProps { capacity: Capacity::Spot, ..Default::default() });
    let balancers = LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    ExternalDns::new(&stack, "external-dns", &cluster, &edge.zone);
    let external_secrets = ExternalSecrets::new(&stack, "external-secrets", &cluster);
    let keda = Keda::new(&stack, "keda", &cluster);
    ArgoRollouts::new(&stack, "argo-rollouts", &cluster);
    let watch = Watch::new(&stack, &cluster);

    let istio = IstioProps {
        mesh_id: Some(MESH.to_owned()),
        cluster_name: Some(name),
        network: Some(format!("network{no}")),
        access_log: AccessLog::Json,
        tracing: Some(watch.tracing()),
        ..Default::default()
    };
    let istio = Istio::new(&stack, "istio", &cluster, istio);
    watch.prometheus.scrape_istiod();
    Kiali::new(&stack, "kiali", &istio, &watch.prometheus, Some(&watch.jaeger));
    let ingress = GatewayProps {
        scheme: Scheme::InternetFacing,
        certificate: Some(edge.certificate.clone()),
        hosts: vec![HOST.to_owned()],
        ..Default::default()
    };
    let ingress = istio.add_gateway("ingress", ingress);
    ingress.release().depends_on(balancers.release());
    let entry = Gateway::new(&ingress, "entry", Tls::AtBalancer);
    let shop = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
    let shop = Namespace::new(&stack, "shop", &cluster, shop);
    watch.take(&stack, &shop);
    Site { entry, shop, watch, keda, stack, istio, external_secrets }
}
