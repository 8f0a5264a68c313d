//! The cluster, the mesh, and the ingress.

use meshsynth::eks::{Access, Capacity, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::elbv2::Scheme;
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::mesh::addons::{CertManager, ExternalDns, Issuer, LoadBalancerController};
use meshsynth::mesh::{AccessLog, Gateway, GatewayProps, Istio, IstioProps, Tls};
use meshsynth::{App, Stack};

use crate::network::Network;

/// The cluster, the mesh and the gateway of the services.
pub struct Platform {
    pub cluster: Cluster,
    pub istio: Istio,
    pub entry: Gateway,
}

pub fn define(app: &App, network: &Network) -> Platform {
    let stack = Stack::new(app, "platform", crate::place());
    stack.describe("Kubernetes cluster with its mesh, its gateway and its controllers.");
    let cluster = Cluster::new(&stack, "cluster", &network.vpc, ClusterProps::default());
    let operators = Role::new(
        &stack,
        "operators",
        Trust::Account,
        RoleProps { description: "People and pipelines that deploy the platform.".to_owned(), ..Default::default() },
    );
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);
    let nodes = NodeGroupProps {
        instance_types: ["m7g.large", "m6g.large", "c7g.xlarge"].map(str::to_owned).to_vec(),
        ..Default::default()
    };
    cluster.add_node_group("on-demand", nodes.clone());
    cluster.add_node_group("spot", NodeGroupProps { capacity: Capacity::Spot, ..nodes });

    LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    ExternalDns::of_gateways(&stack, "external-dns", &cluster, &network.zone);
    let certificates = CertManager::new(&stack, "cert-manager", &cluster);
    let issuer = Issuer::lets_encrypt(&certificates, "lets-encrypt", "platform@c4ang.com", &network.zone);

    let istio = Istio::new(&stack, "istio", &cluster, IstioProps { access_log: AccessLog::Json, ..Default::default() });
    let ingress = istio.add_gateway("ingress", GatewayProps { scheme: Scheme::InternetFacing, ..Default::default() });
    let entry = Gateway::new(&ingress, "entry", Tls::Issued(issuer));
    Platform { cluster, istio, entry }
}
