//! The cluster of a region, with its nodes, its controllers and Istio.

use meshsynth::aws::Vpc;
use meshsynth::eks::{Access, Capacity, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::elbv2::Scheme;
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::mesh::addons::{ExternalSecrets, LoadBalancerController};
use meshsynth::mesh::{
    AccessLog, ClusterCredentials, GatewayProps, IngressGateway, Istio, IstioProps, Member, Namespace, NamespaceProps,
};
use meshsynth::{App, Stack};

use crate::{MESH, REGIONS, Region};

/// What a region has.
pub struct Site {
    /// The region.
    pub region: Region,
    /// The stack of the cluster.
    pub stack: Stack,
    /// The installation of Istio.
    pub istio: Istio,
    /// Where customers come in.
    pub ingress: IngressGateway,
    /// The namespace of the services.
    pub services: Namespace,
    external_secrets: ExternalSecrets,
}

impl Site {
    /// The cluster as a member of the mesh.
    pub fn member<'a>(&'a self, credentials: &'a ClusterCredentials) -> Member<'a> {
        Member { istio: &self.istio, external_secrets: &self.external_secrets, credentials }
    }
}

pub fn define(app: &App, region: Region, vpc: &Vpc) -> Site {
    let stack = region.stack(app, "cluster");
    stack.describe("Kubernetes cluster with its nodes, Istio and the services.");
    let cluster = Cluster::new(&stack, &format!("cluster-{}", region.id), vpc, ClusterProps::default());
    let description = "People and pipelines that deploy the platform.".to_owned();
    let operators = Role::new(&stack, "operators", Trust::Account, RoleProps { description, ..Default::default() });
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);
    cluster.add_node_group("on-demand", NodeGroupProps::default());
    cluster.add_node_group("spot", NodeGroupProps { capacity: Capacity::Spot, ..Default::default() });
    let balancers = LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    let external_secrets = ExternalSecrets::new(&stack, "external-secrets", &cluster);

    let failover = |from: &Region, to: &Region| (from.name.to_owned(), to.name.to_owned());
    let istio = IstioProps {
        mesh_id: Some(MESH.to_owned()),
        network: Some(region.network()),
        access_log: AccessLog::Json,
        region_failover: vec![failover(&REGIONS[0], &REGIONS[1]), failover(&REGIONS[1], &REGIONS[0])],
        ..Default::default()
    };
    let istio = Istio::new(&stack, "istio", &cluster, istio);
    let ingress = GatewayProps { scheme: Scheme::InternetFacing, ..Default::default() };
    let ingress = istio.add_gateway("ingress", ingress);
    ingress.release().depends_on(balancers.release());
    let services = NamespaceProps { mesh: Some(istio.clone()), ..Default::default() };
    let services = Namespace::new(&stack, "services", &cluster, services);
    Site { region, stack, istio, ingress, services, external_secrets }
}
