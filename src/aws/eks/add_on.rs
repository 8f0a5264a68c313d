//! EKS add-ons.

use crate::val::{IntoVal, Val};

/// An EKS add-on.
///
/// Without a version, EKS selects the recommended version for the Kubernetes version when the add-on is
/// created, and does not update it later. A pinned version must be updated manually with each cluster update.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html>
#[derive(Clone, Debug)]
pub struct AddOn {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) configuration: Option<Val<String>>,
    /// The service account of the add-on that needs a role.
    pub(super) identity: Option<ServiceAccount>,
    /// The TCP port on nodes to which the control plane connects, and the description of the security group rule.
    pub(super) node_port: Option<(u16, &'static str)>,
}

/// The service account of an add-on, and the managed policies of its role.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServiceAccount {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    pub(super) policies: &'static [&'static str],
}

impl ServiceAccount {
    const fn in_kube_system(name: &'static str, policies: &'static [&'static str]) -> Option<Self> {
        Some(Self { namespace: "kube-system", name, policies })
    }
}

impl AddOn {
    /// Refers to an add-on by its EKS name, such as `cert-manager`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), version: None, configuration: None, identity: None, node_port: None }
    }

    /// Returns the add-on for the pod network. It also enforces network policies. Without this add-on, network policies
    /// have no effect.
    pub fn vpc_cni() -> Self {
        let identity = ServiceAccount::in_kube_system("aws-node", &["AmazonEKS_CNI_Policy"]);
        Self { identity, ..Self::new("vpc-cni") }.configuration(r#"{"enableNetworkPolicy":"true"}"#)
    }

    /// Returns the add-on for the service network.
    pub fn kube_proxy() -> Self {
        Self::new("kube-proxy")
    }

    /// Returns the EKS Pod Identity agent.
    pub fn pod_identity_agent() -> Self {
        Self::new("eks-pod-identity-agent")
    }

    /// Returns the add-on for DNS within the cluster.
    pub fn core_dns() -> Self {
        Self::new("coredns")
    }

    /// Returns the CSI driver for Amazon EBS volumes.
    pub fn ebs_csi_driver() -> Self {
        let policies = &["service-role/AmazonEBSCSIDriverPolicy"];
        let identity = ServiceAccount::in_kube_system("ebs-csi-controller-sa", policies);
        Self { identity, ..Self::new("aws-ebs-csi-driver") }
    }

    /// Returns the CSI driver for Amazon EFS volumes, which it mounts over TLS. `efs::FileSystem::allow_from`
    /// allows the connections of the nodes.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html>
    pub fn efs_csi_driver() -> Self {
        let policies = &["service-role/AmazonEFSCSIDriverPolicy"];
        let identity = ServiceAccount::in_kube_system("efs-csi-controller-sa", policies);
        Self { identity, ..Self::new("aws-efs-csi-driver") }
    }

    /// Returns the add-on for CPU and memory metrics, which autoscalers use.
    pub fn metrics_server() -> Self {
        Self { node_port: Some((10251, "control plane to metrics-server")), ..Self::new("metrics-server") }
    }

    /// Returns the add-on for Container Insights with enhanced observability, and for Application Signals.
    /// They collect metrics of nodes and pods, and the requests of
    /// [instrumented](crate::mesh::Workload::instrument) workloads.
    ///
    /// It does not collect container logs. [`FluentBit`](crate::mesh::addons::FluentBit) writes them to one
    /// log group that the program defines.
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

    /// Returns the add-ons that every cluster with node groups needs.
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
