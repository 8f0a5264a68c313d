//! The cluster, its nodes, and the controllers that the services use.

use meshsynth::aws::Vpc;
use meshsynth::eks::{Access, Capacity, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::mesh::addons::{ExternalDns, ExternalSecrets, Keda, LoadBalancerController};
use meshsynth::{App, Stack};

use crate::Environment;
use crate::edge::Edge;

/// The cluster, and KEDA, which scales its services by events.
pub fn define(app: &App, env: &Environment, vpc: &Vpc, edge: &Edge) -> (Cluster, Keda) {
    let stack = Stack::new(app, "platform", env.place());
    stack.describe("Kubernetes cluster with its nodes, add-ons and controllers.");
    let cluster = Cluster::new(
        &stack,
        "cluster",
        vpc,
        ClusterProps { public_access: env.api_access.clone(), ..Default::default() },
    );
    let operators = Role::new(
        &stack,
        "operators",
        Trust::Account,
        RoleProps { description: "People and pipelines that deploy the platform.".to_owned(), ..Default::default() },
    );
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);

    let nodes = NodeGroupProps { instance_types: env.nodes.map(str::to_owned).to_vec(), ..Default::default() };
    cluster.add_node_group("spot", NodeGroupProps { capacity: Capacity::Spot, ..nodes.clone() });
    if env.on_demand {
        cluster.add_node_group("on-demand", nodes);
    }

    LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    if edge.is_made_by_controller() {
        ExternalDns::new(&stack, "external-dns", &cluster, &edge.zone);
    }
    ExternalSecrets::new(&stack, "external-secrets", &cluster);
    let keda = Keda::new(&stack, "keda", &cluster);
    (cluster, keda)
}
