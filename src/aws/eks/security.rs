//! Which ports are open between the control plane and the nodes.

use crate::aws::SecurityGroup;
use crate::aws::connect::Client;
use crate::aws::security::{Ports, define_rule};
use crate::cfn::ids::SecurityGroupId;
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::{Cluster, Compute};

/// Ports of every cluster's nodes that the control plane calls.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>
const NODE_PORTS: [(u16, &str); 2] = [(443, "control plane to services"), (10250, "control plane to kubelets")];

/// Defines the group that all nodes of a cluster share.
///
/// It alone bears the cluster's tag: the load-balancer controller refuses a
/// network interface that has two such groups, or none.
///
/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/>
pub(super) fn nodes(scope: &Scope, vpc: &crate::aws::Vpc, cluster_name: &str) -> SecurityGroup {
    let group = SecurityGroup::new(scope, "nodes", vpc, &format!("nodes of {cluster_name}"));
    group.tag(&format!("kubernetes.io/cluster/{cluster_name}"), "owned");
    group
}

/// Opens what every cluster needs: nodes to each other, nodes to the control plane, and back.
pub(super) fn open(cluster: &Cluster) {
    let Some(nodes) = cluster.nodes() else { return };
    nodes.allow_self(Ports::All, "nodes and pods to each other");
    for (port, why) in NODE_PORTS {
        cluster.open_node_port(port, why);
    }
    let (id, control_plane) = (nodes.id(), cluster.control_plane_security_group());
    let why = "nodes and pods to the control plane";
    let scope = cluster.scope().construct("control-plane");
    define_rule(&scope, control_plane, "nodes", &443.into(), why, |rule| rule.source_security_group_id(id));
}

impl Cluster {
    /// Lets the control plane call a port on the nodes, such as that of an admission webhook.
    ///
    /// Whoever installs a webhook or an aggregated API says so here; without
    /// it every request that the webhook must see times out. Saying it twice
    /// is saying it once. In Auto Mode nothing needs to be opened.
    #[track_caller]
    pub fn open_node_port(&self, port: u16, why: &str) -> &Self {
        if let Some(nodes) = self.nodes() {
            self.scope().singleton(format!("node port {port}"), || {
                nodes.allow_from_group("control-plane", self.control_plane_security_group(), port, why);
                nodes.scope().clone()
            });
        }
        self
    }

    /// What makes volumes of EBS for pods: the add-on, or in Auto Mode the cluster itself.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html>
    pub(crate) fn volume_driver(&self) -> &'static str {
        match self.compute() {
            Compute::NodeGroups => "ebs.csi.aws.com",
            Compute::AutoMode => "ebs.csi.eks.amazonaws.com",
        }
    }
}

/// The nodes of the cluster: where its pods connect from.
impl Client for Cluster {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.node_security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.scope().clone()
    }
}
