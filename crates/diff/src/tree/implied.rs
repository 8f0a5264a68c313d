//! Default values that the API server derives from other fields.

use serde_json::{Map, Value, json};

use super::field::Field;

/// Labels that the API server adds to the pods of a Job.
const OF_JOBS: [&str; 4] =
    ["batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"];

/// Whether the API server would derive this value from the other fields.
pub fn is_implied(field: &Field<'_>) -> bool {
    let Field { kind, path, value, beside, whole, .. } = *field;
    let text = |key: &str| beside.get(key).and_then(Value::as_str);
    let is_above = |end: &str| path.strip_suffix(field.name()).is_some_and(|above| above.ends_with(end));
    if field.is_in_pod() && is_implied_in_pod(field) {
        return true;
    }
    match (kind, path) {
        ("Service", "spec.ports.*.targetPort") => beside.get("port") == Some(value),
        (_, "subjects.*.apiGroup") => match text("kind") {
            Some("ServiceAccount") => value == "",
            Some("User" | "Group") => value == "rbac.authorization.k8s.io",
            _ => false,
        },
        ("Job", "spec.completions") => value == 1 && !beside.contains_key("parallelism"),
        ("Job", "spec.backoffLimit") if beside.contains_key("backoffLimitPerIndex") => value == i32::MAX,
        ("Job", "spec.backoffLimit") => value == 6,
        ("Job", "spec.podReplacementPolicy") if beside.contains_key("podFailurePolicy") => value == "Failed",
        ("Job", "spec.podReplacementPolicy") => value == "TerminatingOrFailed",
        ("Job" | "ReplicationController", "metadata.labels") | ("ReplicationController", "spec.selector") => {
            let labels = whole.pointer("/spec/template/metadata/labels");
            value.as_object().zip(labels.and_then(Value::as_object)).is_some_and(|(a, b)| chosen(a).eq(chosen(b)))
        }
        ("NetworkPolicy", "spec.policyTypes") => {
            let has_egress = beside.get("egress").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
            let types = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let has = |name: &str| types.iter().any(|it| it == name);
            has("Ingress") && has("Egress") == has_egress
        }
        ("PersistentVolumeClaim", "spec.dataSource") => beside.get("dataSourceRef") == Some(value),
        ("PersistentVolumeClaim", "spec.dataSourceRef") => beside.get("dataSource") == Some(value),
        ("CustomResourceDefinition", "spec.names.singular") => {
            text("kind").is_some_and(|kind| *value == kind.to_lowercase())
        }
        ("CustomResourceDefinition", "spec.names.listKind") => {
            text("kind").is_some_and(|kind| *value == format!("{kind}List"))
        }
        ("LimitRange", "spec.limits.*.default") => {
            text("type") == Some("Container") && is_of(value, &[beside.get("max")])
        }
        ("LimitRange", "spec.limits.*.defaultRequest") => {
            let from = ["default", "max", "min"].map(|key| beside.get(key));
            text("type") == Some("Container") && is_of(value, &from)
        }
        ("HorizontalPodAutoscaler", "spec.metrics") => {
            let target = json!({ "type": "Utilization", "averageUtilization": 80 });
            *value == json!([{ "type": "Resource", "resource": { "name": "cpu", "target": target } }])
        }
        ("HorizontalPodAutoscaler", "spec.behavior.scaleUp.policies" | "spec.behavior.scaleDown.policies") => {
            let percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
            let pods = json!({ "type": "Pods", "value": 4, "periodSeconds": 15 });
            *value == if is_above(".scaleUp.") { json!([pods, percent]) } else { json!([percent]) }
        }
        _ => false,
    }
}

/// Whether the API server would derive the value of a field in a pod or a pod template.
fn is_implied_in_pod(field: &Field<'_>) -> bool {
    let Field { kind, path, value, beside, whole, .. } = *field;
    let text = |key: &str| beside.get(key).and_then(Value::as_str);
    match field.name() {
        "imagePullPolicy" => text("image").and_then(pull_policy).is_some_and(|it| value == it),
        "pullPolicy" if path.ends_with(".volumes.*.image.pullPolicy") => {
            text("reference").and_then(pull_policy).is_some_and(|it| value == it)
        }
        "apiVersion" => path.ends_with("valueFrom.fieldRef.apiVersion") && value == "v1",
        "divisor" => path.ends_with("resourceFieldRef.divisor") && (value == "0" || value == 0),
        // The API server keeps the deprecated name of the sibling field.
        "serviceAccount" => beside.get("serviceAccountName") == Some(value),
        "serviceAccountName" => beside.get("serviceAccount") == Some(value),
        "hostPort" if kind == "Pod" => {
            whole.pointer("/spec/hostNetwork") == Some(&Value::Bool(true)) && beside.get("containerPort") == Some(value)
        }
        "requests" if kind == "Pod" && path.ends_with(".resources.requests") => is_of(value, &[beside.get("limits")]),
        _ => false,
    }
}

/// Whether each entry of a map equals the entry in the first other map that has its key.
fn is_of(value: &Value, others: &[Option<&Value>]) -> bool {
    let of = |key: &String| others.iter().find_map(|it| it.and_then(|it| it.get(key)));
    value.as_object().is_some_and(|map| map.iter().all(|(key, value)| of(key) == Some(value)))
}

/// Returns labels without those that the API server adds.
fn chosen(labels: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    labels.iter().filter(|(key, _)| !OF_JOBS.contains(&key.as_str()))
}

/// Returns the default pull policy of an image, or `None` if the image is not known yet.
///
/// Source: <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>.
fn pull_policy(image: &str) -> Option<&'static str> {
    if image.contains(['$', '{']) {
        return None;
    }
    let is_fixed = image.contains('@');
    let tag = image.rsplit('/').next().and_then(|name| name.split_once(':')).map(|(_, tag)| tag);
    Some(if !is_fixed && matches!(tag, None | Some("latest")) { "Always" } else { "IfNotPresent" })
}

#[cfg(test)]
mod tests {
    use super::pull_policy;

    #[test]
    fn untagged_images_are_always_pulled() {
        let digest = format!("shop/web@sha256:{}", "0".repeat(64));
        for (image, policy) in [
            ("shop/web", Some("Always")),
            ("localhost:5000/web", Some("Always")),
            ("shop/web:latest", Some("Always")),
            ("shop/web:1", Some("IfNotPresent")),
            (digest.as_str(), Some("IfNotPresent")),
            ("shop/web:${TAG}", None),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
