//! The selected kinds of the API server, and their immutable fields.

/// Module, API group, version, namespaced kinds, cluster-scoped kinds.
type Group = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

/// The built-in kinds of the API server.
pub const GROUPS: [Group; 18] = [
    (
        "admissionregistration",
        "admissionregistration.k8s.io",
        "v1",
        &[],
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions", "apiextensions.k8s.io", "v1", &[], &["CustomResourceDefinition"]),
    ("apiregistration", "apiregistration.k8s.io", "v1", &[], &["APIService"]),
    ("apps", "apps", "v1", &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], &[]),
    ("autoscaling", "autoscaling", "v2", &["HorizontalPodAutoscaler"], &[]),
    ("batch", "batch", "v1", &["CronJob", "Job"], &[]),
    ("certificates", "certificates.k8s.io", "v1", &[], &["CertificateSigningRequest"]),
    ("coordination", "coordination.k8s.io", "v1", &["Lease"], &[]),
    (
        "core",
        "",
        "v1",
        &[
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
        &["Namespace", "PersistentVolume"],
    ),
    ("discovery", "discovery.k8s.io", "v1", &["EndpointSlice"], &[]),
    ("flowcontrol", "flowcontrol.apiserver.k8s.io", "v1", &[], &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking", "networking.k8s.io", "v1", &["Ingress", "NetworkPolicy"], &["IngressClass", "ServiceCIDR"]),
    ("node", "node.k8s.io", "v1", &[], &["RuntimeClass"]),
    ("policy", "policy", "v1", &["PodDisruptionBudget"], &[]),
    ("rbac", "rbac.authorization.k8s.io", "v1", &["Role", "RoleBinding"], &["ClusterRole", "ClusterRoleBinding"]),
    ("resource", "resource.k8s.io", "v1", &["ResourceClaim", "ResourceClaimTemplate"], &["DeviceClass"]),
    ("scheduling", "scheduling.k8s.io", "v1", &[], &["PriorityClass"]),
    ("storage", "storage.k8s.io", "v1", &[], &["CSIDriver", "StorageClass", "VolumeAttributesClass"]),
];

/// Paths that the API server does not allow to change. `!` marks the parts below a path that may change.
///
/// The schemas do not contain this, because the server validates it on update.
/// <https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis>
const IMMUTABLE: [(&str, &str, &[&str]); 25] = [
    (
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        &["spec.group", "spec.names.kind", "spec.names.plural", "spec.scope"],
    ),
    ("apps/v1", "DaemonSet", &["spec.selector"]),
    ("apps/v1", "Deployment", &["spec.selector"]),
    ("apps/v1", "ReplicaSet", &["spec.selector"]),
    (
        "apps/v1",
        "StatefulSet",
        &[
            "spec",
            "!spec.minReadySeconds",
            "!spec.ordinals",
            "!spec.persistentVolumeClaimRetentionPolicy",
            "!spec.replicas",
            "!spec.revisionHistoryLimit",
            "!spec.template",
            "!spec.updateStrategy",
        ],
    ),
    (
        "batch/v1",
        "Job",
        &[
            "spec.backoffLimitPerIndex",
            "spec.completionMode",
            "spec.completions",
            "spec.managedBy",
            "spec.podFailurePolicy",
            "spec.selector",
            "spec.successPolicy",
            "spec.template",
        ],
    ),
    ("certificates.k8s.io/v1", "CertificateSigningRequest", &["spec"]),
    ("node.k8s.io/v1", "RuntimeClass", &["handler"]),
    ("networking.k8s.io/v1", "IngressClass", &["spec.controller"]),
    ("networking.k8s.io/v1", "ServiceCIDR", &["spec.cidrs"]),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", &["roleRef"]),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", &["roleRef"]),
    ("resource.k8s.io/v1", "ResourceClaim", &["spec"]),
    ("resource.k8s.io/v1", "ResourceClaimTemplate", &["spec"]),
    ("scheduling.k8s.io/v1", "PriorityClass", &["preemptionPolicy", "value"]),
    ("storage.k8s.io/v1", "CSIDriver", &["spec.attachRequired", "spec.volumeLifecycleModes"]),
    ("storage.k8s.io/v1", "StorageClass", &["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]),
    ("storage.k8s.io/v1", "VolumeAttributesClass", &["driverName", "parameters"]),
    ("discovery.k8s.io/v1", "EndpointSlice", &["addressType"]),
    ("v1", "PersistentVolumeClaim", &["spec", "!spec.resources.requests", "!spec.volumeAttributesClassName"]),
    (
        "v1",
        "PersistentVolume",
        &[
            "spec",
            "!spec.accessModes",
            "!spec.capacity",
            "!spec.claimRef",
            "!spec.mountOptions",
            "!spec.persistentVolumeReclaimPolicy",
            "!spec.storageClassName",
            "!spec.volumeAttributesClassName",
        ],
    ),
    (
        "v1",
        "Pod",
        &[
            "spec",
            "!spec.activeDeadlineSeconds",
            "!spec.containers.*.image",
            "!spec.initContainers.*.image",
            "!spec.schedulingGates",
            "!spec.tolerations",
        ],
    ),
    ("v1", "ResourceQuota", &["spec.scopeSelector", "spec.scopes"]),
    ("v1", "Secret", &["type"]),
    ("v1", "Service", &["spec.clusterIP", "spec.loadBalancerClass"]),
];

/// Returns the immutable paths of a kind.
pub fn immutable(api_version: &str, kind: &str) -> &'static [&'static str] {
    let found = IMMUTABLE.iter().find(|(version, name, _)| (*version, *name) == (api_version, kind));
    found.map_or(&[], |(_, _, paths)| paths)
}
