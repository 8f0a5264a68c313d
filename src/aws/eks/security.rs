//! Security group rules between the control plane and the nodes.

use crate::aws::SecurityGroup;
use crate::aws::connect::Client;
use crate::aws::security::{Ports, define_rule};
use crate::cfn::ids::SecurityGroupId;
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::{Cluster, Compute};

/// The ports on nodes to which the control plane of every cluster connects.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>
const NODE_PORTS: [(u16, &str); 2] = [(443, "control plane to services"), (10250, "control plane to kubelets")];

/// Defines the security group that all nodes of a cluster share.
///
/// Only this group has the cluster's tag. The AWS Load Balancer Controller rejects a network
/// interface with no or several tagged groups.
///
/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/>
pub(super) fn nodes(scope: &Scope, vpc: &crate::aws::Vpc, cluster_name: &str) -> SecurityGroup {
    let group = SecurityGroup::new(scope, "nodes", vpc, &format!("nodes of {cluster_name}"));
    group.tag(&format!("kubernetes.io/cluster/{cluster_name}"), "owned");
    group
}

/// Allows the connections that every cluster needs: between nodes, from nodes to the control plane, and from the
/// control plane to nodes.
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
    /// Lets the control plane connect to a port on the nodes, for example to the port of an
    /// admission webhook.
    ///
    /// Call it for each webhook or aggregated API. Otherwise, the requests that the webhook handles
    /// time out. Repeated calls for a port have no effect. Auto Mode needs no rule.
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

    /// Returns the provisioner name of EBS volumes. It identifies the CSI driver add-on or the built-in driver of Auto
    /// Mode.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html>
    pub(crate) fn volume_driver(&self) -> &'static str {
        match self.compute() {
            Compute::NodeGroups => "ebs.csi.aws.com",
            Compute::AutoMode => "ebs.csi.eks.amazonaws.com",
        }
    }
}

/// A cluster as a network client: connections come from its nodes and pods, which share one security group.
impl Client for Cluster {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.node_security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.scope().clone()
    }
}
