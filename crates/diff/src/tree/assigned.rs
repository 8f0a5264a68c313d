//! Fields that the API server and controllers assign if they are omitted, such as the address of a Service.
//!
//! A listed object may have such a field although its author did not write it. An apply without the field keeps its
//! value.

use meshsynth_facts as facts;
use meshsynth_model::val::Data;
use serde_json::{Value, json};

use super::field::Field;
use crate::yaml;

/// Kinds and paths of assigned fields.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>, and the pages of the
/// other kinds.
const ASSIGNED: [(&str, &str); 35] = [
    ("DaemonSet", "metadata.annotations.deprecated.daemonset.template.generation"),
    ("Job", "metadata.labels.batch.kubernetes.io/controller-uid"),
    ("Job", "metadata.labels.batch.kubernetes.io/job-name"),
    ("Job", "metadata.labels.controller-uid"),
    ("Job", "metadata.labels.job-name"),
    ("Job", "spec.selector"),
    ("Job", "spec.template.metadata.labels.batch.kubernetes.io/controller-uid"),
    ("Job", "spec.template.metadata.labels.batch.kubernetes.io/job-name"),
    ("Job", "spec.template.metadata.labels.controller-uid"),
    ("Job", "spec.template.metadata.labels.job-name"),
    ("Namespace", "spec.finalizers"),
    ("PersistentVolume", "metadata.finalizers"),
    ("PersistentVolume", "metadata.annotations.pv.kubernetes.io/bound-by-controller"),
    ("PersistentVolume", "spec.claimRef"),
    ("PersistentVolume", "spec.claimRef.resourceVersion"),
    ("PersistentVolume", "spec.claimRef.uid"),
    ("PersistentVolumeClaim", "metadata.annotations.pv.kubernetes.io/bind-completed"),
    ("PersistentVolumeClaim", "metadata.annotations.pv.kubernetes.io/bound-by-controller"),
    ("PersistentVolumeClaim", "metadata.annotations.volume.beta.kubernetes.io/storage-provisioner"),
    ("PersistentVolumeClaim", "metadata.annotations.volume.kubernetes.io/selected-node"),
    ("PersistentVolumeClaim", "metadata.annotations.volume.kubernetes.io/storage-provisioner"),
    ("PersistentVolumeClaim", "metadata.finalizers"),
    ("PersistentVolumeClaim", "spec.volumeName"),
    ("Pod", "spec.nodeName"),
    ("Pod", "spec.preemptionPolicy"),
    ("Pod", "spec.priority"),
    ("Service", "metadata.finalizers"),
    ("Service", "spec.clusterIP"),
    ("Service", "spec.clusterIPs"),
    ("Service", "spec.healthCheckNodePort"),
    ("Service", "spec.ipFamilies"),
    ("Service", "spec.ipFamilyPolicy"),
    ("Service", "spec.ports.*.nodePort"),
    ("ServiceAccount", "secrets"),
    ("VolumeAttributesClass", "metadata.finalizers"),
];

/// Finalizers that Kubernetes adds to protected objects.
const FINALIZERS: [&str; 4] = [
    "kubernetes.io/pv-protection",
    "kubernetes.io/pvc-protection",
    "kubernetes.io/vac-protection",
    "service.kubernetes.io/load-balancer-cleanup",
];

/// Annotations of volumes and claims that a controller bound or created.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>
const BOUND: [&str; 2] = ["pv.kubernetes.io/bound-by-controller", "pv.kubernetes.io/provisioned-by"];

/// Whether the API server or a controller would assign a field.
pub fn is_assigned(field: &Field<'_>) -> bool {
    // A headless Service or a dual-stack Service is intentional.
    let is_on_purpose = match field.path {
        "spec.clusterIP" => field.value == "None",
        // `clusterIPs` that repeats the value of `clusterIP` is not intentional.
        "spec.clusterIPs" => field
            .value
            .as_array()
            .is_some_and(|it| it.contains(&Value::from("None")) && field.beside.get("clusterIP") != it.first()),
        "spec.ipFamilyPolicy" => field.value != "SingleStack",
        "spec.ipFamilies" => field.value.as_array().is_none_or(|it| it.len() > 1 || it[0] != "IPv4"),
        "spec" | "webhooks.*.namespaceSelector" | "webhooks.*.objectSelector" => {
            field.value.as_object().is_none_or(|it| !it.is_empty())
        }
        "spec.finalizers" => *field.value != serde_json::json!(["kubernetes"]),
        "metadata.finalizers" => {
            let is_own = |it: &Value| it.as_str().is_some_and(|it| FINALIZERS.contains(&it));
            field.value.as_array().is_none_or(|all| !all.iter().all(is_own))
        }
        "spec.ports.*.nodePort" => !is_unowned(field),
        // A claim that was bound manually has no such annotation. Without the field, another volume may be bound.
        "spec.claimRef" | "spec.volumeName" => {
            let notes = field.whole.pointer("/metadata/annotations");
            !BOUND.iter().any(|key| notes.is_some_and(|it| it.get(key).is_some()))
        }
        "spec.selector" => field.beside.get("manualSelector") == Some(&Value::Bool(true)),
        "spec.preemptionPolicy" => field.value != "PreemptLowerPriority",
        _ => false,
    };
    facts::is_of_kubernetes(field.api) && ASSIGNED.contains(&(field.kind, field.path)) && !is_on_purpose
}

/// Whether a Service lists its field managers, and none of them owns the node port.
fn is_unowned(field: &Field<'_>) -> bool {
    let Some(managers) = field.whole.pointer("/metadata/managedFields").and_then(Value::as_array) else { return false };
    let protocol = field.beside.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
    let port = field.beside.get("port").unwrap_or(&Value::Null);
    let key = format!("k:{{\"port\":{port},\"protocol\":\"{protocol}\"}}");
    let owns = |it: &Value| !it["fieldsV1"]["f:spec"]["f:ports"][&key]["f:nodePort"].is_null();
    !managers.is_empty() && !managers.iter().any(owns)
}

/// Whether the API server adds an item to a pod's list: tolerations for unavailable nodes, and the service account
/// token.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>, `DefaultTolerationSeconds`
/// and `ServiceAccount`.
pub fn is_assigned_item(kind: &str, path: &str, item: &Data) -> bool {
    let text = |key: &str| item.at(key).and_then(Data::as_str);
    let is_token = || text("name").is_some_and(|name| name.starts_with("kube-api-access-"));
    if kind != "Pod" {
        return false;
    }
    match path {
        "spec.volumes.*" => is_token() && item.at("projected").is_some(),
        "spec.containers.*.volumeMounts.*" | "spec.initContainers.*.volumeMounts.*" => {
            is_token() && text("mountPath") == Some("/var/run/secrets/kubernetes.io/serviceaccount")
        }
        "spec.tolerations.*" => ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].iter().any(|key| {
            let added = json!({ "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 });
            yaml::json(item) == added
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Field, is_assigned};

    fn assigned(kind: &str, path: &str, value: Value, beside: Value) -> bool {
        let beside: &Map<String, Value> = beside.as_object().unwrap();
        is_assigned(&Field { api: "v1", kind, path, value: &value, beside, whole: &Value::Null })
    }

    #[test]
    fn service_address_is_assigned_unless_headless() {
        assert!(assigned("Service", "spec.clusterIP", json!("10.100.3.4"), json!({})));
        assert!(!assigned("Service", "spec.clusterIP", json!("None"), json!({})));
        assert!(!assigned("Service", "spec.clusterIPs", json!(["None"]), json!({})));
        assert!(assigned("Service", "spec.clusterIPs", json!(["None"]), json!({ "clusterIP": "None" })));
        assert!(!assigned("Service", "spec.ipFamilyPolicy", json!("PreferDualStack"), json!({})));
        assert!(!assigned("Service", "spec.ports.*.nodePort", json!(31234), json!({})), "somebody may have chosen it");
    }

    #[test]
    fn only_kubernetes_finalizers_are_assigned() {
        let is = |value: Value| assigned("PersistentVolumeClaim", "metadata.finalizers", value, json!({}));
        assert!(is(json!(["kubernetes.io/pvc-protection"])));
        assert!(!is(json!(["kubernetes.io/pvc-protection", "backups.example.com/keep"])));
    }

    #[test]
    fn keeps_the_volume_of_a_manually_bound_claim() {
        let is = |note: &str| {
            let whole = json!({ "metadata": { "annotations": { note: "yes" } } });
            let (value, beside) = (json!("pv-1"), Map::new());
            let (kind, path) = ("PersistentVolumeClaim", "spec.volumeName");
            is_assigned(&Field { api: "v1", kind, path, value: &value, beside: &beside, whole: &whole })
        };
        assert!(is("pv.kubernetes.io/bound-by-controller"));
        assert!(!is("pv.kubernetes.io/bind-completed"));
    }

    #[test]
    fn job_selector_is_assigned_unless_manual() {
        let is = |beside: Value| assigned("Job", "spec.selector", json!({ "matchLabels": {} }), beside);
        assert!(is(json!({})) && !is(json!({ "manualSelector": true })));
    }
}
