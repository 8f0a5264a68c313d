//! Default values of omitted fields in Kubernetes objects.
//!
//! Custom kinds define defaults in their schemas. Built-in kinds define them in code:
//! <https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/apis> (`*/v1/defaults.go`). `tests/tools/listed.py`
//! compares them with the answers of an API server.

mod kinds;
mod volumes;

use meshsynth_facts as facts;
use serde_json::{Map, Value};

use super::order;

/// Path suffixes in pod templates, with their default values.
const POD: [(&str, &str); 26] = [
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
    ("preStop.httpGet.path", "/"),
    ("postStart.httpGet.scheme", "HTTP"),
    ("postStart.httpGet.path", "/"),
    ("spec.restartPolicy", "Always"),
    ("spec.dnsPolicy", "ClusterFirst"),
    ("spec.schedulerName", "default-scheduler"),
    ("spec.terminationGracePeriodSeconds", "30"),
    ("spec.hostNetwork", "false"),
    ("spec.enableServiceLinks", "true"),
    ("Probe.grpc.service", ""),
    ("fieldRef.apiVersion", "v1"),
    ("spec.topologySpreadConstraints.*.nodeAffinityPolicy", "Honor"),
    ("spec.topologySpreadConstraints.*.nodeTaintsPolicy", "Ignore"),
];

/// Whether a value is the default of the field.
pub fn is_default(api: &str, kind: &str, path: &str, value: &Value) -> bool {
    if value.is_null() {
        return true;
    }
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let of_kind = kinds::DEFAULTS.contains(&(kind, path, text.as_str()));
    // A Rollout is a custom resource, so the API server sets no defaults in its template.
    let template = order::pod_template(kind).filter(|_| !["Rollout", "ScaledJob"].contains(&kind));
    let is_pod = template.is_some_and(|steps| path.split('.').zip(steps).all(|(a, b)| a == *b));
    let of_pod = is_pod && POD.iter().any(|(end, default)| path.ends_with(end) && *default == text);
    let of_volume = || {
        let source = match kind {
            "PersistentVolume" => path.strip_prefix("spec."),
            _ if is_pod => path.split_once("spec.volumes.*.").map(|(_, source)| source),
            _ => None,
        };
        source.is_some_and(|source| volumes::DEFAULTS.contains(&(source, text.as_str())))
    };
    of_kind
        || of_pod
        || of_volume()
        || facts::kubernetes_default(api, kind, path)
            .is_some_and(|default| default == *value || is_default_object(api, kind, path, value, &default))
}

/// Whether an object equals its default after the API server sets the defaults of the fields in both.
fn is_default_object(api: &str, kind: &str, path: &str, value: &Value, default: &Value) -> bool {
    let (Value::Object(value), Value::Object(default)) = (value, default) else { return false };
    value.keys().chain(default.keys()).all(|key| {
        let filled = |of: &Map<String, Value>| {
            of.get(key).cloned().or_else(|| facts::kubernetes_default(api, kind, &format!("{path}.{key}")))
        };
        filled(value) == filled(default)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_default;

    #[test]
    fn finds_defaults_of_schemas_and_built_in_kinds() {
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
