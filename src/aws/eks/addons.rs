//! Add-ons that EKS installs and keeps up.

use crate::cfn;
use crate::cfn::eks::addon::{PodIdentityAssociation, ResolveConflicts};
use crate::iam::RoleProps;
use crate::node::Kind;
use crate::tree::{Construct, Scope};
use crate::val::{IntoVal, Val};

use super::{Cluster, Identity, after, resources_below};

/// An add-on of EKS.
///
/// Without a version EKS takes the one that it recommends for the cluster's
/// Kubernetes version when the add-on is made, and keeps it from then on; a
/// pinned version is yours to raise with each update of the cluster.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html>
#[derive(Clone, Debug)]
pub struct AddOn {
    name: String,
    version: Option<String>,
    configuration: Option<Val<String>>,
    /// Who of it needs a role.
    identity: Option<ServiceAccount>,
    /// A port on the nodes that the control plane calls, and why.
    node_port: Option<(u16, &'static str)>,
}

/// The service account of an add-on, and the managed policies of its role.
#[derive(Clone, Copy, Debug)]
struct ServiceAccount {
    namespace: &'static str,
    name: &'static str,
    policies: &'static [&'static str],
}

impl ServiceAccount {
    const fn in_kube_system(name: &'static str, policies: &'static [&'static str]) -> Option<Self> {
        Some(Self { namespace: "kube-system", name, policies })
    }
}

impl AddOn {
    /// An add-on by the name that EKS has for it, such as `cert-manager`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), version: None, configuration: None, identity: None, node_port: None }
    }

    /// The network of pods; it also enforces network policies, without which they would be mere text.
    pub fn vpc_cni() -> Self {
        let identity = ServiceAccount::in_kube_system("aws-node", &["AmazonEKS_CNI_Policy"]);
        Self { identity, ..Self::new("vpc-cni") }.configuration(r#"{"enableNetworkPolicy":"true"}"#)
    }

    /// The network of services.
    pub fn kube_proxy() -> Self {
        Self::new("kube-proxy")
    }

    /// The agent of EKS Pod Identity.
    pub fn pod_identity_agent() -> Self {
        Self::new("eks-pod-identity-agent")
    }

    /// Names within the cluster.
    pub fn core_dns() -> Self {
        Self::new("coredns")
    }

    /// Volumes on Amazon EBS.
    pub fn ebs_csi_driver() -> Self {
        let policies = &["service-role/AmazonEBSCSIDriverPolicy"];
        let identity = ServiceAccount::in_kube_system("ebs-csi-controller-sa", policies);
        Self { identity, ..Self::new("aws-ebs-csi-driver") }
    }

    /// Processor and memory figures, which autoscalers read.
    pub fn metrics_server() -> Self {
        Self { node_port: Some((10251, "control plane to metrics-server")), ..Self::new("metrics-server") }
    }

    /// Container Insights with enhanced observability, and Application Signals: figures of nodes and pods, and
    /// the requests of workloads that are [instrumented](crate::mesh::Workload::instrument).
    ///
    /// Container logs are left to [`FluentBit`](crate::mesh::addons::FluentBit), which writes to one log
    /// group that the program defines.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html>
    pub fn cloudwatch_observability() -> Self {
        let identity = Some(ServiceAccount {
            namespace: "amazon-cloudwatch",
            name: "cloudwatch-agent",
            policies: &["AWSXrayWriteOnlyAccess", "CloudWatchAgentServerPolicy"],
        });
        let node_port = Some((9443, "webhook of the CloudWatch agent's operator"));
        Self { identity, node_port, ..Self::new("amazon-cloudwatch-observability") }
            .configuration(r#"{"containerLogs":{"enabled":false}}"#)
    }

    /// What every cluster with node groups needs.
    pub(super) fn usual() -> Vec<AddOn> {
        vec![
            Self::vpc_cni(),
            Self::kube_proxy(),
            Self::pod_identity_agent(),
            Self::core_dns(),
            Self::ebs_csi_driver(),
            Self::metrics_server(),
        ]
    }

    /// Pins the version, such as `v1.21.1-eksbuild.1`.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        Self { version: Some(version.to_owned()), ..self }
    }

    /// Configures the add-on, with JSON text in the add-on's own schema.
    #[must_use]
    pub fn configuration(self, json: impl IntoVal<String>) -> Self {
        Self { configuration: Some(json.into_val()), ..self }
    }
}

impl Cluster {
    /// Adds an add-on to the cluster.
    #[track_caller]
    pub fn add_add_on(&self, add_on: AddOn) -> &Self {
        let scope = self.scope().construct(&add_on.name);
        let mut resource = cfn::eks::Addon::new(&add_on.name, self.reference())
            // The program says how an add-on is set up; a change by hand does not outlive an update.
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

/// Add-ons that are ready without a node: they run on each node and are what makes it ready.
const BEFORE_NODES: [&str; 3] = ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"];

/// Whether an add-on has pods that must run before it counts as installed.
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
    fn an_add_on_has_the_version_and_the_configuration_that_are_asked_for() {
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
