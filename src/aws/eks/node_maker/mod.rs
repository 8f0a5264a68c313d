//! The AWS resources for Karpenter: the node role, the controller permissions, and interruption events.

mod controller;
mod interruption;

use crate::Resource;
use crate::aws::iam::{Role, RoleProps, Trust};
use crate::cfn;
use crate::cfn::ids::QueueArn;
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::Cluster;

/// The AWS resources for Karpenter.
#[derive(Clone)]
pub(crate) struct NodeMaker {
    /// The role of the controller.
    pub controller: Role,
    /// The role of the nodes.
    pub node_role: Role,
    /// The instance profile with the node role.
    pub profile: Val<String>,
    /// The name of the interruption queue.
    pub queue: Val<String>,
}

impl Cluster {
    /// Defines the AWS resources for a Karpenter controller that runs with a service account.
    ///
    /// Its nodes have a separate role. EKS creates the access entry for the role of a managed node group, and a role
    /// can have only one access entry.
    #[track_caller]
    pub(crate) fn node_maker(&self, scope: &Scope, namespace: &str, service_account: &str) -> NodeMaker {
        let description = "Nodes of Karpenter join the cluster and pull images.".to_owned();
        let managed_policies = vec!["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];
        let props = RoleProps { description, managed_policies };
        let node_role = Role::new(scope, "node-role", Trust::Service("ec2.amazonaws.com"), props);
        cfn::eks::AccessEntry::new(self.reference(), node_role.arn()).type_("EC2_LINUX").define(scope, "node-access");
        let profile = cfn::iam::InstanceProfile::new([node_role.name()]).define(scope, "node-profile");
        let queue = interruption::define(scope);
        let controller = self.service_account_role(scope, "role", namespace, service_account);
        for statement in controller::statements(scope, self, &node_role, queue_arn(&queue)) {
            controller.allow(statement);
        }
        NodeMaker { controller, node_role, profile: profile.reference(), queue: queue.scope().attr("QueueName") }
    }
}

fn queue_arn(queue: &Resource<cfn::sqs::Queue>) -> Val<QueueArn> {
    queue.arn()
}
