//! What a field of a Kubernetes object is when it is left out.
//!
//! Custom kinds say it in their schemas; the API server's own kinds do so in its code:
//! <https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis> (`*/v1/defaults.go`).

use meshsynth::facts;
use serde_json::Value;

use super::order;

/// Ends of paths in pod templates, and the default there.
const POD: [(&str, &str); 29] = [
    ("spec.containers.*.ports.*.protocol", "TCP"),
    ("spec.initContainers.*.ports.*.protocol", "TCP"),
    ("spec.initContainers.*.terminationMessagePath", "/dev/termination-log"),
    ("spec.initContainers.*.terminationMessagePolicy", "File"),
    ("spec.containers.*.terminationMessagePath", "/dev/termination-log"),
    ("spec.containers.*.terminationMessagePolicy", "File"),
    ("Probe.timeoutSeconds", "1"),
    ("Probe.periodSeconds", "10"),
    ("Probe.successThreshold", "1"),
    ("Probe.failureThreshold", "3"),
    ("Probe.httpGet.scheme", "HTTP"),
    ("Probe.httpGet.path", "/"),
    ("preStop.httpGet.scheme", "HTTP"),
    ("spec.restartPolicy", "Always"),
    ("spec.dnsPolicy", "ClusterFirst"),
    ("spec.schedulerName", "default-scheduler"),
    ("spec.terminationGracePeriodSeconds", "30"),
    ("spec.hostNetwork", "false"),
    ("spec.enableServiceLinks", "true"),
    ("spec.volumes.*.configMap.defaultMode", "420"),
    ("spec.volumes.*.secret.defaultMode", "420"),
    ("spec.volumes.*.projected.defaultMode", "420"),
    ("spec.volumes.*.downwardAPI.defaultMode", "420"),
    ("spec.volumes.*.projected.sources.*.serviceAccountToken.expirationSeconds", "3600"),
    ("Probe.grpc.service", ""),
    ("spec.volumes.*.hostPath.type", ""),
    ("valueFrom.fieldRef.apiVersion", "v1"),
    ("spec.topologySpreadConstraints.*.nodeAffinityPolicy", "Honor"),
    ("spec.topologySpreadConstraints.*.nodeTaintsPolicy", "Ignore"),
];

/// Kind, path and the default there.
const KINDS: [(&str, &str, &str); 76] = [
    ("Deployment", "spec.replicas", "1"),
    ("Deployment", "spec.revisionHistoryLimit", "10"),
    ("Deployment", "spec.progressDeadlineSeconds", "600"),
    ("Deployment", "spec.minReadySeconds", "0"),
    ("Deployment", "spec.strategy.type", "RollingUpdate"),
    ("Deployment", "spec.strategy.rollingUpdate.maxSurge", "25%"),
    ("Deployment", "spec.strategy.rollingUpdate.maxUnavailable", "25%"),
    ("StatefulSet", "spec.replicas", "1"),
    ("StatefulSet", "spec.revisionHistoryLimit", "10"),
    ("StatefulSet", "spec.podManagementPolicy", "OrderedReady"),
    ("StatefulSet", "spec.updateStrategy.type", "RollingUpdate"),
    ("DaemonSet", "spec.revisionHistoryLimit", "10"),
    ("DaemonSet", "spec.updateStrategy.type", "RollingUpdate"),
    ("Job", "spec.backoffLimit", "6"),
    ("Job", "spec.completions", "1"),
    ("Job", "spec.parallelism", "1"),
    ("CronJob", "spec.concurrencyPolicy", "Allow"),
    ("CronJob", "spec.suspend", "false"),
    ("CronJob", "spec.successfulJobsHistoryLimit", "3"),
    ("CronJob", "spec.failedJobsHistoryLimit", "1"),
    ("Service", "spec.type", "ClusterIP"),
    ("Service", "spec.sessionAffinity", "None"),
    ("Service", "spec.internalTrafficPolicy", "Cluster"),
    ("Service", "spec.ports.*.protocol", "TCP"),
    ("Service", "spec.externalTrafficPolicy", "Cluster"),
    ("Service", "spec.allocateLoadBalancerNodePorts", "true"),
    ("HorizontalPodAutoscaler", "spec.minReplicas", "1"),
    ("PersistentVolumeClaim", "spec.volumeMode", "Filesystem"),
    ("NetworkPolicy", "spec.ingress.*.ports.*.protocol", "TCP"),
    ("NetworkPolicy", "spec.egress.*.ports.*.protocol", "TCP"),
    ("StatefulSet", "spec.updateStrategy.rollingUpdate.partition", "0"),
    ("StatefulSet", "spec.minReadySeconds", "0"),
    ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Retain"),
    ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Retain"),
    ("StatefulSet", "spec.volumeClaimTemplates.*.spec.volumeMode", "Filesystem"),
    ("StatefulSet", "spec.volumeClaimTemplates.*.apiVersion", "v1"),
    ("StatefulSet", "spec.volumeClaimTemplates.*.kind", "PersistentVolumeClaim"),
    ("RoleBinding", "roleRef.apiGroup", "rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "roleRef.apiGroup", "rbac.authorization.k8s.io"),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate.maxUnavailable", "1"),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate.maxSurge", "0"),
    ("DaemonSet", "spec.minReadySeconds", "0"),
    ("Job", "spec.completionMode", "NonIndexed"),
    ("Job", "spec.suspend", "false"),
    ("Job", "spec.podReplacementPolicy", "TerminatingOrFailed"),
    ("Job", "spec.manualSelector", "false"),
    ("Service", "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "10800"),
    ("StorageClass", "reclaimPolicy", "Delete"),
    ("StorageClass", "volumeBindingMode", "Immediate"),
    ("PersistentVolume", "spec.persistentVolumeReclaimPolicy", "Retain"),
    ("PersistentVolume", "spec.volumeMode", "Filesystem"),
    ("CSIDriver", "spec.attachRequired", "true"),
    ("CSIDriver", "spec.podInfoOnMount", "false"),
    ("CSIDriver", "spec.storageCapacity", "false"),
    ("CSIDriver", "spec.requiresRepublish", "false"),
    ("CSIDriver", "spec.seLinuxMount", "false"),
    ("CSIDriver", "spec.fsGroupPolicy", "ReadWriteOnceWithFSType"),
    ("CSIDriver", "spec.volumeLifecycleModes", "[\"Persistent\"]"),
    ("PriorityClass", "preemptionPolicy", "PreemptLowerPriority"),
    ("Secret", "type", "Opaque"),
    ("EndpointSlice", "ports.*.protocol", "TCP"),
    ("MutatingWebhookConfiguration", "webhooks.*.failurePolicy", "Fail"),
    ("MutatingWebhookConfiguration", "webhooks.*.matchPolicy", "Equivalent"),
    ("MutatingWebhookConfiguration", "webhooks.*.timeoutSeconds", "10"),
    ("MutatingWebhookConfiguration", "webhooks.*.reinvocationPolicy", "Never"),
    ("MutatingWebhookConfiguration", "webhooks.*.rules.*.scope", "*"),
    ("MutatingWebhookConfiguration", "webhooks.*.clientConfig.service.port", "443"),
    ("ValidatingWebhookConfiguration", "webhooks.*.failurePolicy", "Fail"),
    ("ValidatingWebhookConfiguration", "webhooks.*.matchPolicy", "Equivalent"),
    ("ValidatingWebhookConfiguration", "webhooks.*.timeoutSeconds", "10"),
    ("ValidatingWebhookConfiguration", "webhooks.*.rules.*.scope", "*"),
    ("ValidatingWebhookConfiguration", "webhooks.*.clientConfig.service.port", "443"),
    ("ValidatingAdmissionPolicy", "spec.failurePolicy", "Fail"),
    ("CustomResourceDefinition", "spec.conversion.strategy", "None"),
    ("CustomResourceDefinition", "spec.preserveUnknownFields", "false"),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleUp.selectPolicy", "Max"),
];

/// Whether a value says what its absence says, too.
pub fn is_default(api: &str, kind: &str, path: &str, value: &Value) -> bool {
    if value.is_null() {
        return true;
    }
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let of_kind = KINDS.contains(&(kind, path, text.as_str()));
    // A Rollout is a custom resource: nothing fills in what its template leaves out.
    let template = order::pod_template(kind).filter(|_| !["Rollout", "ScaledJob"].contains(&kind));
    let is_pod = template.is_some_and(|steps| path.split('.').zip(steps).all(|(a, b)| a == *b));
    let of_pod = is_pod && POD.iter().any(|(end, default)| path.ends_with(end) && *default == text);
    of_kind || of_pod || facts::kubernetes_default(api, kind, path).is_some_and(|default| default == *value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_default;

    #[test]
    fn defaults_come_from_schemas_and_from_the_server() {
        let keda = |value| is_default("keda.sh/v1alpha1", "ScaledObject", "spec.fallback.behavior", &value);
        assert!(keda(json!("static")) && !keda(json!("currentReplicas")));
        let probe = "spec.template.spec.containers.*.readinessProbe.timeoutSeconds";
        assert!(is_default("apps/v1", "Deployment", probe, &json!(1)));
        assert!(!is_default("apps/v1", "Deployment", probe, &json!(5)));
        assert!(is_default("v1", "Service", "spec.type", &json!("ClusterIP")));
        assert!(!is_default("v1", "Service", "spec.type", &json!("LoadBalancer")));
        assert!(!is_default("v1", "ConfigMap", "data.protocol", &json!("TCP")));
    }
}
