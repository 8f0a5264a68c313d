//! The packing desk, on the existing cluster of the warehouse, with an ambient mesh.

use meshsynth::aws::security::ExistingSecurityGroup;
use meshsynth::eks::{Cluster, Controller, ExistingCluster};
use meshsynth::elbv2::{ApplicationLoadBalancer, ExistingLoadBalancer, ExistingTargetGroup, Route, TargetGroup};
use meshsynth::mesh::{
    Istio, IstioProps, Mode, Namespace, NamespaceProps, TargetGroupBinding, Waypoint, Workload, WorkloadProps,
};
use meshsynth::{App, Cidr, Stack, Val, ssm};

use crate::Environment;
use crate::data::Data;
use crate::events::Events;
use crate::network::Network;

pub fn define(app: &App, env: &Environment, network: &Network, data: &Data, events: &Events) {
    let stack = Stack::new(app, "backoffice", env.place());
    stack.describe("Packing desk of the warehouse, on its existing cluster.");
    let existing = ExistingCluster {
        provider_arn: ssm::existing(&stack, "/company/clusters/warehouse/oidc-provider"),
        add_ons: ["coredns", "kube-proxy", "vpc-cni"].map(str::to_owned).to_vec(),
        controllers: vec![Controller::GatewayApi, Controller::LoadBalancerController],
        ..ExistingCluster::new("warehouse", "1.34", "", "sg-0d44f1b58ecf6a035", &network.vpc)
    };
    let cluster = Cluster::import(&stack, "warehouse", existing);
    let istio = Istio::new(&stack, "istio", &cluster, IstioProps { mode: Mode::Ambient, ..Default::default() });
    let props = NamespaceProps {
        mesh: Some(istio.membership()),
        waypoint: Some(Waypoint { replicas: (2, 4), ..Default::default() }),
        ..Default::default()
    };
    let namespace = Namespace::new(&stack, "packing", &cluster, props);
    let stock = Workload::new(&namespace, "stock", data.image(env, "stock"), WorkloadProps::default());
    let desk = Workload::new(&namespace, "desk", data.image(env, "desk"), WorkloadProps::default());
    desk.calls_at("STOCK_URL", &stock);
    events.packing.grant_receive(&desk);
    desk.env("QUEUE_URL", events.packing.url());

    // The load balancer of the warehouse forwards requests to it.
    let arn = |what: &str| format!("arn:aws:elasticloadbalancing:{}:{}:{what}", env.region, env.account);
    let group = ExistingTargetGroup {
        source: Some(ExistingSecurityGroup::id("sg-0d44f1b58ecf6a036")),
        cidrs: ["10.64.32.0/19", "10.64.64.0/19", "10.64.96.0/19"].map(Cidr::new).to_vec(),
        ..ExistingTargetGroup::new(&arn("targetgroup/packing-desk/73e2d6bc24d8a067"), desk.port())
    };
    TargetGroupBinding::new(&desk, "door", &TargetGroup::import(&stack, "desk-door", group));

    // Handheld scanners use the same load balancer. Its stack exports the listener.
    let balancer = ExistingLoadBalancer {
        listener: Some(Val::exported("warehouse-FloorListenerArn")),
        ..ExistingLoadBalancer::new(
            &arn("loadbalancer/app/warehouse/50dc6c495c0c9188"),
            &format!("internal-warehouse-1234567890.{}.elb.amazonaws.com", env.region),
            "Z215JYRZR1TBD5",
            "sg-0d44f1b58ecf6a036",
            &network.vpc,
        )
    };
    let balancer = ApplicationLoadBalancer::import(&stack, "warehouse-balancer", balancer);
    let floor = balancer.add_target_group("stock", stock.port(), Default::default());
    balancer.add_route(20, Route::paths(["/stock", "/stock/*"]), &floor);
    TargetGroupBinding::new(&stock, "floor", &floor);
}
