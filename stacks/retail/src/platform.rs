//! The cluster, its nodes, the mesh, and the gateway.

use meshsynth::eks::{Access, AddOn, Cluster, ClusterProps, NodeGroupProps};
use meshsynth::elbv2::Scheme;
use meshsynth::kube::scheduling::PriorityClass;
use meshsynth::mesh::addons::{
    Budget, ExternalDns, ExternalSecrets, Karpenter, Keda, Lifecycle, LoadBalancerController, NodeClass, NodePool,
    NodePoolProps, PoolLimits, Requirement,
};
use meshsynth::mesh::{
    AccessLog, Gateway, GatewayProps, GatewayService, Ingress, IngressProps, Istio, IstioProps, Membership,
    StorageClass, Tls, Toleration, TolerationEffect,
};
use meshsynth::wafv2::{WebAcl, WebAclProps};
use meshsynth::{App, Duration, Gib, Stack, ssm};

use crate::Environment;
use crate::network::Network;

/// The priority class of services that process sales.
pub const CRITICAL: &str = "shop-critical";

/// The cluster, the mesh and the gateway of the services.
pub struct Platform {
    pub cluster: Cluster,
    pub keda: Keda,
    pub entry: Gateway,
    /// The membership in the next revision of the mesh.
    pub next: Membership,
    /// The membership in the current revision of the mesh.
    pub settled: Membership,
    pub volumes: StorageClass,
}

pub fn define(app: &App, env: &Environment, network: &Network) -> Platform {
    let stack = Stack::new(app, "platform", env.place());
    stack.describe("Kubernetes cluster with its nodes, its mesh and its controllers.");
    let cluster = Cluster::new(&stack, "cluster", &network.vpc, ClusterProps::default());
    let operators = ssm::existing::<String>(&stack, "/company/roles/operators");
    cluster.add_access("operators", operators, Access::ClusterAdmin);
    cluster.add_node_group("system", NodeGroupProps::default());
    cluster.add_add_on(AddOn::efs_csi_driver());
    nodes(&stack, &cluster);
    let class = PriorityClass::new().value(100_000).description("Sales services: they evict pods of lower priority.");
    class.define(&cluster, "shop-critical", CRITICAL);
    let volumes = StorageClass::gp3(&cluster, "gp3", Default::default());

    LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    ExternalDns::new(&stack, "external-dns", &cluster, &network.zone);
    ExternalSecrets::new(&stack, "external-secrets", &cluster);
    let keda = Keda::new(&stack, "keda", &cluster);

    let props = IstioProps { revision: "1-30-2".to_owned(), access_log: AccessLog::Json, ..Default::default() };
    let istio = Istio::new(&stack, "istio", &cluster, props);
    let next = istio.add_revision("1-30-3", Default::default());
    let props = GatewayProps { service: GatewayService::ClusterIp, ..Default::default() };
    let ingress = istio.add_gateway("ingress", props);
    let entry = Gateway::new(&ingress, "entry", Tls::AtBalancer);
    let balancer = IngressProps {
        scheme: Scheme::InternetFacing,
        certificate: Some(network.certificate.clone()),
        web_acl: Some(WebAcl::new(&stack, "firewall", WebAclProps::default())),
        ..Default::default()
    };
    Ingress::new(ingress.namespace(), "balancer", balancer).to_gateway(env.domain, &entry);
    Platform { settled: istio.membership(), cluster, keda, entry, next, volumes }
}

/// General nodes, and GPU nodes for models. GPU nodes are not replaced during opening hours.
fn nodes(stack: &Stack, cluster: &Cluster) {
    let karpenter = Karpenter::new(stack, "karpenter", cluster);
    let class = NodeClass::new(&karpenter, "default", Default::default());
    let general = NodePoolProps { lifecycles: vec![Lifecycle::Spot, Lifecycle::OnDemand], ..Default::default() };
    NodePool::new(&karpenter, "general", &class, PoolLimits { cpu: 400, memory: Gib(1600) }, general);
    let gpu = NodePoolProps {
        categories: vec!["g".to_owned()],
        requirements: vec![Requirement::is_above("karpenter.k8s.aws/instance-gpu-count", 0)],
        taints: vec![Toleration {
            key: "nvidia.com/gpu".to_owned(),
            value: "true".to_owned(),
            effect: TolerationEffect::NoSchedule,
        }],
        budgets: vec![Budget::always("10%"), Budget::none_during("0 8 * * *", Duration::hours(12))],
        ..Default::default()
    };
    NodePool::new(&karpenter, "gpu", &class, PoolLimits { cpu: 64, memory: Gib(512) }, gpu);
}
