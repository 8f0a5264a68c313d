//! The add-ons of a cluster and their dependencies.

use crate::cfn;
use crate::cfn::eks::addon::{PodIdentityAssociation, ResolveConflicts};
use crate::iam::RoleProps;
use crate::node::Kind;
use crate::tree::{Construct, Scope};

use super::add_on::{AddOn, ServiceAccount};
use super::{Cluster, Identity, after, resources_below};

impl Cluster {
    /// Adds an add-on to the cluster.
    #[track_caller]
    pub fn add_add_on(&self, add_on: AddOn) -> &Self {
        self.check_new_add_on(&add_on.name);
        let scope = self.scope().construct(&add_on.name);
        let mut resource = cfn::eks::Addon::new(&add_on.name, self.reference())
            // The program defines the configuration of an add-on, so an update overwrites manual
            // changes.
            .resolve_conflicts(ResolveConflicts::Overwrite);
        if let Some(version) = add_on.version {
            resource = resource.addon_version(version);
        }
        if let Some(configuration) = add_on.configuration {
            resource = resource.configuration_values(configuration);
        }
        if let Some(ServiceAccount { namespace, name: account, policies }) = add_on.identity {
            let props = RoleProps { managed_policies: policies.to_vec(), ..RoleProps::default() };
            let role = self.identity_role(&scope, "role", namespace, account, props);
            resource = match self.identity() {
                Identity::Irsa => resource.service_account_role_arn(role.arn()),
                Identity::PodIdentity => {
                    resource.pod_identity_associations([PodIdentityAssociation::new(role.arn(), account)])
                }
            };
        }
        let resource = resource.define(&scope, "resource");
        for group in resources_below(self.scope(), "AWS::EKS::Nodegroup") {
            match waits_for_nodes(resource.scope()) {
                true => after(resource.scope(), &group),
                false => after(&group, resource.scope()),
            }
        }
        if let Some((port, why)) = add_on.node_port {
            self.open_node_port(port, why);
        }
        self
    }
}

/// Add-ons that EKS installs before nodes exist. They run on each node, and the node becomes ready only with them.
const BEFORE_NODES: [&str; 3] = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"];

/// Returns whether the installation of an add-on completes only after its pods run on nodes.
pub(super) fn waits_for_nodes(add_on: &Scope) -> bool {
    add_on.read(|tree| match &tree.nodes[add_on.node()].kind {
        Kind::Resource(resource) => {
            let name = resource.props.get("AddonName").and_then(|name| name.as_str());
            !name.is_some_and(|name| BEFORE_NODES.contains(&name))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::ClusterProps;
    use crate::testing::{Platform, stack};

    #[test]
    fn sets_add_on_version_and_configuration() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let add_ons =
                vec![AddOn::new("coredns").version("v1.12.4-eksbuild.1").configuration("{\"replicaCount\":3}")];
            Cluster::new(&run, "cluster", &vpc, ClusterProps { add_ons, ..Default::default() });
        });
        let add_on = platform.resource("AWS::EKS::Addon").props;
        assert_eq!((&add_on["AddonName"], &add_on["AddonVersion"]), (&"coredns".into(), &"v1.12.4-eksbuild.1".into()));
        assert_eq!(add_on["ConfigurationValues"], "{\"replicaCount\":3}");
    }
}
