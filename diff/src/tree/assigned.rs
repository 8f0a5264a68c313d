//! What the API server and controllers assign where nobody says it, such as the address of a Service.
//!
//! In what a cluster lists, nobody need have written it. An apply that leaves such a field out keeps it.

use meshsynth::facts;
use serde_json::Value;

use super::omitted::Field;

/// Kind and path of what is assigned.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>, and those of the other kinds.
const ASSIGNED: [(&str, &str); 26] = [
    ("DaemonSet", "metadata.annotations.deprecated.daemonset.template.generation"),
    ("Job", "spec.selector"),
    ("Job", "spec.template.metadata.labels.batch.kubernetes.io/controller-uid"),
    ("Job", "spec.template.metadata.labels.batch.kubernetes.io/job-name"),
    ("Job", "spec.template.metadata.labels.controller-uid"),
    ("Job", "spec.template.metadata.labels.job-name"),
    ("Namespace", "spec.finalizers"),
    ("PersistentVolume", "metadata.finalizers"),
    ("PersistentVolume", "spec.claimRef"),
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
    ("ServiceAccount", "secrets"),
];

/// Finalizers that Kubernetes puts on what it protects.
const FINALIZERS: [&str; 3] =
    ["kubernetes.io/pv-protection", "kubernetes.io/pvc-protection", "service.kubernetes.io/load-balancer-cleanup"];

/// Whether the API server or a controller would assign a field.
pub fn is_assigned(field: &Field<'_>) -> bool {
    // A Service without an address is one on purpose; and two families are asked for.
    let is_on_purpose = match field.path {
        "spec.clusterIP" => field.value == "None",
        // That it is the same as the one address says nothing more.
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
        "spec.selector" => field.beside.get("manualSelector") == Some(&Value::Bool(true)),
        "spec.preemptionPolicy" => field.value != "PreemptLowerPriority",
        _ => false,
    };
    facts::is_of_kubernetes(field.api) && ASSIGNED.contains(&(field.kind, field.path)) && !is_on_purpose
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Field, is_assigned};

    fn assigned(kind: &str, path: &str, value: Value, beside: Value) -> bool {
        let beside: &Map<String, Value> = beside.as_object().unwrap();
        is_assigned(&Field { api: "v1", kind, path, value: &value, beside })
    }

    #[test]
    fn an_address_is_assigned_and_none_is_said() {
        assert!(assigned("Service", "spec.clusterIP", json!("10.100.3.4"), json!({})));
        assert!(!assigned("Service", "spec.clusterIP", json!("None"), json!({})));
        assert!(!assigned("Service", "spec.clusterIPs", json!(["None"]), json!({})));
        assert!(assigned("Service", "spec.clusterIPs", json!(["None"]), json!({ "clusterIP": "None" })));
        assert!(!assigned("Service", "spec.ipFamilyPolicy", json!("PreferDualStack"), json!({})));
        assert!(!assigned("Service", "spec.ports.*.nodePort", json!(31234), json!({})), "somebody may have chosen it");
    }

    #[test]
    fn a_finalizer_of_kubernetes_is_assigned_and_another_is_said() {
        let is = |value: Value| assigned("PersistentVolumeClaim", "metadata.finalizers", value, json!({}));
        assert!(is(json!(["kubernetes.io/pvc-protection"])));
        assert!(!is(json!(["kubernetes.io/pvc-protection", "backups.example.com/keep"])));
    }

    #[test]
    fn a_job_gets_its_selector_but_where_somebody_says_it() {
        let is = |beside: Value| assigned("Job", "spec.selector", json!({ "matchLabels": {} }), beside);
        assert!(is(json!({})) && !is(json!({ "manualSelector": true })));
    }
}
