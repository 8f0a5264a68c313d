//! An add-on that EKS installs and keeps up to date.

use crate::val::{IntoVal, Val};

/// An add-on of EKS.
///
/// Without a version EKS takes the one that it recommends for the cluster's
/// Kubernetes version when the add-on is made, and keeps it from then on; a
/// pinned version is yours to raise with each update of the cluster.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html>
#[derive(Clone, Debug)]
pub struct AddOn {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) configuration: Option<Val<String>>,
    /// Who of it needs a role.
    pub(super) identity: Option<ServiceAccount>,
    /// A port on the nodes that the control plane calls, and why.
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

    /// Volumes on Amazon EFS, which it mounts by TLS; `efs::FileSystem::allow_from` lets the nodes in.
    ///
    /// Source: <https://docs.aws.amazon.com/eks/latest/userguide/efs-csi.html>
    pub fn efs_csi_driver() -> Self {
        let policies = &["service-role/AmazonEFSCSIDriverPolicy"];
        let identity = ServiceAccount::in_kube_system("efs-csi-controller-sa", policies);
        Self { identity, ..Self::new("aws-efs-csi-driver") }
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
