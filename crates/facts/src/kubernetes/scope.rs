//! Lists of cluster-scoped kinds and of Kubernetes API groups.

/// Cluster-scoped Kubernetes kinds that have no schema in the facts, each with its group.
///
/// Source: `kubectl api-resources --namespaced=false`, <https://kubernetes.io/docs/reference/kubernetes-api/>
const OF_KUBERNETES: &[(&str, &str)] = &[
    ("", "ComponentStatus"),
    ("", "Node"),
    ("authentication.k8s.io", "SelfSubjectReview"),
    ("authentication.k8s.io", "TokenReview"),
    ("authorization.k8s.io", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "SelfSubjectRulesReview"),
    ("authorization.k8s.io", "SubjectAccessReview"),
    ("certificates.k8s.io", "ClusterTrustBundle"),
    ("internal.apiserver.k8s.io", "StorageVersion"),
    ("networking.k8s.io", "IPAddress"),
    ("policy", "PodSecurityPolicy"),
    ("resource.k8s.io", "ResourceSlice"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "VolumeAttachment"),
];

/// Cluster-scoped kinds of widely used operators that have no schema in the facts. The custom resource definitions of
/// the operators specify the scope.
const OF_OPERATORS: &[(&str, &str)] = &[
    ("argoproj.io", "ClusterWorkflowTemplate"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("cilium.io", "CiliumLoadBalancerIPPool"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("crd.projectcalico.org", "IPPool"),
    ("eks.amazonaws.com", "NodeClass"),
    ("elbv2.k8s.aws", "IngressClassParams"),
    ("kyverno.io", "ClusterCleanupPolicy"),
    ("kyverno.io", "ClusterPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotContent"),
    ("trust.cert-manager.io", "Bundle"),
    ("vpcresources.k8s.aws", "CNINode"),
];

/// Whether a kind is known to be cluster-scoped. Custom kinds of other operators are unknown.
///
/// ```
/// assert!(meshsynth_facts::is_of_cluster("apiextensions.k8s.io", "CustomResourceDefinition"));
/// assert!(!meshsynth_facts::is_of_cluster("acme.io", "Widget"));
/// ```
pub fn is_of_cluster(group: &str, kind: &str) -> bool {
    match super::is_namespaced(group, kind) {
        Some(is_namespaced) => !is_namespaced,
        None => OF_KUBERNETES.iter().chain(OF_OPERATORS).any(|known| *known == (group, kind)),
    }
}

/// The API groups of the Kubernetes API server. The name of the group of `v1` is empty.
const GROUPS: [&str; 23] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Whether an API version belongs to the API server itself, such as `apps/v1`.
///
/// ```
/// assert!(meshsynth_facts::is_of_kubernetes("networking.k8s.io/v1"));
/// assert!(!meshsynth_facts::is_of_kubernetes("gateway.networking.k8s.io/v1"));
/// ```
pub fn is_of_kubernetes(api: &str) -> bool {
    let group = api.split_once('/').map_or("", |(group, _)| group);
    GROUPS.contains(&group)
}

/// Returns the group of an object. For `extensions`, returns the group to which Kubernetes moved the kind, because both
/// groups serve the same objects.
///
/// ```
/// use meshsynth_facts::group_of;
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
