//! Bindings of a workload's pods to a target group of a stack.

use std::panic::Location;

use crate::Object;
use crate::aws::security::define_rule;
use crate::aws::{Client, existing};
use crate::eks;
use crate::elbv2::TargetGroup;
use crate::kube;
use crate::name;
use crate::node::{Edge, EdgeKind, Wave};
use crate::tree::{Construct, Scope};
use crate::units::Cidr;
use crate::val::Bag;

use super::Workload;

/// The kind `TargetGroupBinding` of the AWS Load Balancer Controller.
pub struct Binding;

impl kube::Kind for Binding {
    const API_VERSION: &'static str = "elbv2.k8s.aws/v1beta1";
    const KIND: &'static str = "TargetGroupBinding";
    const NAMESPACED: bool = true;
    const WAVE: Wave = Wave::Routes;
}

/// Registers the pods of a workload in a target group of a load balancer that CloudFormation manages.
///
/// The AWS Load Balancer Controller registers pods when they start and stop. This construct, not the controller, allows
/// the connections. It adds rules for the load balancer to the node security group and to the workload's network
/// policy.
///
/// # Diagnostics
///
/// - `MS0318`: the subnet CIDR blocks of the group's load balancer are unknown.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, elbv2, mesh, testing};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let vpc = orders.namespace().cluster().vpc();
/// # let edge = orders.scope().stack();
/// # let balancer = elbv2::NetworkLoadBalancer::new(&edge, "entry", vpc, Default::default());
/// let group = balancer.add_tcp(443, "orders", orders.port(), Default::default());
/// mesh::TargetGroupBinding::new(&orders, "entry", &group);
/// ```
///
/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/>
#[derive(Clone)]
pub struct TargetGroupBinding {
    pub(super) binding: Object<Binding>,
}

impl TargetGroupBinding {
    /// Binds a workload to a target group.
    #[track_caller]
    pub fn new(workload: &Workload, id: &str, group: &TargetGroup) -> Self {
        let at = workload.scope().user_line(Location::caller());
        let scope = workload.scope().construct(id);
        let id = &*scope.id();
        let service = Bag::default().with("name", workload.service_name().to_owned()).with("port", workload.port());
        let spec =
            Bag::default().with("serviceRef", service).with("targetGroupARN", group.arn()).with("targetType", "ip");
        let body = Bag::default().with("spec", spec);
        let binding = Object::<Binding>::define(&scope, "binding", &format!("{}-{id}", workload.name()), body);
        super::core::labels::add(binding.scope(), workload.name());
        let port = workload.pod_port(workload.port());
        workload.admit_addresses(balancer_blocks(group), port);
        open(workload.scope(), workload.namespace().cluster(), port, group);
        let (from, to) = (group.scope().node(), workload.scope().node());
        workload.scope().edge(Edge { from, to, kind: EdgeKind::Entry, port: Some(port), at });
        Self { binding }
    }

    /// Returns the object, for example to set a field for which the props have no property.
    pub fn object(&self) -> &Object<Binding> {
        &self.binding
    }
}

impl Construct for TargetGroupBinding {
    fn scope(&self) -> &Scope {
        self.binding.scope()
    }
}

/// Returns the CIDR blocks from which the load balancer connects. Reports unknown blocks.
#[track_caller]
pub(super) fn balancer_blocks(group: &TargetGroup) -> &[Cidr] {
    if group.cidrs().is_empty() {
        existing::no_blocks(group.scope(), "with_source");
    }
    group.cidrs()
}

/// Allows the load balancer to connect to the nodes. Workloads of one cluster that use the same port share the rule.
pub(super) fn open(pods: &Scope, cluster: &eks::Cluster, port: u16, group: &TargetGroup) {
    let Some((source, balancer)) = group.source() else { return };
    let key = format!("rule {} {} {port}", balancer.path(), cluster.scope().path());
    pods.root_scope().singleton(key, || {
        let from = name::fit(&balancer.path().replace('/', "-"), 100);
        let stack = pods.stack();
        let why = format!("{} to pods", balancer.path());
        let rule = |rule: crate::cfn::ec2::SecurityGroupIngress| rule.source_security_group_id(source);
        define_rule(&stack, cluster.security_group(), &from, &port.into(), &why, rule);
        stack
    });
}

#[cfg(test)]
mod tests {
    use super::TargetGroupBinding;
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps};
    use crate::elbv2::NetworkLoadBalancer;
    use crate::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn shares_rule_between_workloads_with_same_port() {
        let platform = Platform::synth("shop", |app| {
            let vpc = Vpc::new(&stack(app, "network"), "vpc", VpcProps::default());
            let balancer = NetworkLoadBalancer::new(&stack(app, "edge"), "entry", &vpc, Default::default());
            let run = stack(app, "run");
            let cluster = Cluster::new(&run, "cluster", &vpc, ClusterProps::default());
            let shop = Namespace::new(&run, "shop", &cluster, NamespaceProps::default());
            for (port, name) in [(443, "orders"), (8443, "payments")] {
                let workload = Workload::new(&shop, name, "registry.example/a:1.0.0", WorkloadProps::default());
                let group = balancer.add_tcp(port, name, workload.port(), Default::default());
                TargetGroupBinding::new(&workload, "entry", &group);
            }
        });
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        let ours = rules.iter().filter(|it| it.props["Description"] == "edge/entry/clients to pods");
        assert_eq!(ours.count(), 1);
        let binding = platform.manifest("targetgroupbinding-orders-entry");
        assert!(binding.contains("${edge/entry/orders.TargetGroupArn}"), "{binding}");
    }
}
