//! Kinds that lie in no namespace, beside those of which the facts have the schema.

/// Kinds of Kubernetes that lie in no namespace, each after its group.
///
/// Source: `kubectl api-resources --namespaced=false`, <https://kubernetes.io/docs/reference/kubernetes-api/>
const OF_KUBERNETES: &[(&str, &str)] = &[
    ("", "ComponentStatus"),
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("authentication.k8s.io", "SelfSubjectReview"),
    ("authentication.k8s.io", "TokenReview"),
    ("authorization.k8s.io", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "SelfSubjectRulesReview"),
    ("authorization.k8s.io", "SubjectAccessReview"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("certificates.k8s.io", "ClusterTrustBundle"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("internal.apiserver.k8s.io", "StorageVersion"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "IngressClass"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy", "PodSecurityPolicy"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("resource.k8s.io", "DeviceClass"),
    ("resource.k8s.io", "ResourceSlice"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
    ("storage.k8s.io", "VolumeAttributesClass"),
];

/// Kinds of widely used operators that lie in no namespace, as their definitions say.
const OF_OPERATORS: &[(&str, &str)] = &[
    ("argoproj.io", "ClusterAnalysisTemplate"),
    ("argoproj.io", "ClusterWorkflowTemplate"),
    ("cert-manager.io", "ClusterIssuer"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("cilium.io", "CiliumLoadBalancerIPPool"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "IPPool"),
    ("eks.amazonaws.com", "NodeClass"),
    ("elbv2.k8s.aws", "IngressClassParams"),
    ("external-secrets.io", "ClusterExternalSecret"),
    ("external-secrets.io", "ClusterSecretStore"),
    ("gateway.networking.k8s.io", "GatewayClass"),
    ("karpenter.k8s.aws", "EC2NodeClass"),
    ("karpenter.sh", "NodeClaim"),
    ("karpenter.sh", "NodePool"),
    ("keda.sh", "ClusterTriggerAuthentication"),
    ("kyverno.io", "ClusterCleanupPolicy"),
    ("kyverno.io", "ClusterPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotContent"),
    ("trust.cert-manager.io", "Bundle"),
    ("vpcresources.k8s.aws", "CNINode"),
];

/// Whether objects of a kind lie in no namespace, as far as anybody knows without its definition.
///
/// ```
/// assert!(meshsynth_types::facts::is_of_cluster("apiextensions.k8s.io", "CustomResourceDefinition"));
/// assert!(!meshsynth_types::facts::is_of_cluster("acme.io", "Widget"));
/// ```
pub fn is_of_cluster(group: &str, kind: &str) -> bool {
    OF_KUBERNETES.iter().chain(OF_OPERATORS).any(|known| *known == (group, kind))
}

/// Groups of the API server that have no kind among those above.
const GROUPS: [&str; 8] = [
    "apps",
    "autoscaling",
    "batch",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "policy",
];

/// Whether a version of an API is one of the API server's own, as `apps/v1` is.
///
/// ```
/// assert!(meshsynth_types::facts::is_of_kubernetes("networking.k8s.io/v1"));
/// assert!(!meshsynth_types::facts::is_of_kubernetes("gateway.networking.k8s.io/v1"));
/// ```
pub fn is_of_kubernetes(api: &str) -> bool {
    let group = api.split_once('/').map_or("", |(group, _)| group);
    GROUPS.contains(&group) || OF_KUBERNETES.iter().any(|(known, _)| *known == group)
}

/// The group of an object. One of `extensions` is the same object in the group that its kind moved to.
///
/// ```
/// use meshsynth_types::facts::group_of;
///
/// assert_eq!(group_of("extensions/v1beta1", "Ingress"), group_of("networking.k8s.io/v1", "Ingress"));
/// ```
///
/// Source: <https://kubernetes.io/docs/reference/using-api/deprecation-guide/#v1-16>.
pub fn group_of<'a>(api: &'a str, kind: &str) -> &'a str {
    match (api.split_once('/').map_or("", |(group, _)| group), kind) {
        ("extensions", "DaemonSet" | "Deployment" | "ReplicaSet") => "apps",
        ("extensions", "Ingress" | "NetworkPolicy") => "networking.k8s.io",
        ("extensions", "PodSecurityPolicy") => "policy",
        (group, _) => group,
    }
}
