//! The cluster, its controllers, and the mesh.

use meshsynth::aws::Vpc;
use meshsynth::eks::{Access, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::mesh::addons::{CertManager, GatewayApiDefinitions, Issuer, Keda, LoadBalancerController, Prometheus};
use meshsynth::mesh::{AccessLog, Istio, IstioProps, Mode};
use meshsynth::{App, Stack};

/// The cluster, the mesh and the certificate issuer of the shop.
pub struct Platform {
    pub cluster: Cluster,
    pub istio: Istio,
    pub keda: Keda,
    pub prometheus: Prometheus,
    /// The issuer of the gateway's certificate.
    pub authority: Issuer,
}

pub fn define(app: &App, vpc: &Vpc) -> Platform {
    let stack = Stack::new(app, "platform", crate::place());
    stack.describe("Kubernetes cluster with an ambient mesh and its controllers.");
    let cluster = Cluster::new(&stack, "cluster", vpc, ClusterProps::default());
    let description = "People and pipelines that deploy the platform.".to_owned();
    let operators = Role::new(&stack, "operators", Trust::Account, RoleProps { description, ..Default::default() });
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);
    cluster.add_node_group("on-demand", NodeGroupProps::default());

    LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    GatewayApiDefinitions::new(&stack, "gateway-api", &cluster);
    let keda = Keda::new(&stack, "keda", &cluster);
    let prometheus = Prometheus::new(&stack, "prometheus", &cluster, Default::default());
    let certificates = CertManager::new(&stack, "cert-manager", &cluster);
    let authority = Issuer::authority(&certificates, "partners", "partners-authority");
    let props = IstioProps { mode: Mode::Ambient, access_log: AccessLog::Json, ..Default::default() };
    let istio = Istio::new(&stack, "istio", &cluster, props);
    Platform { cluster, istio, keda, prometheus, authority }
}
