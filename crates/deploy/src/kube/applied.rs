//! Determines the fields that the last tool applied to an object: kubectl, Helm, Argo CD or Flux.
//!
//! For server-side apply, `managedFields` list exactly the applied fields. Tools that update objects also write
//! defaults: `kubectl apply` without `--server-side`, Helm 3, and Argo CD by default. In this case, the kubectl
//! annotation contains the applied fields. Without the annotation, the defaults of a new object are removed.

use serde_json::Value;

use super::fields::{Entry, Fields, Step, entries, is_leaf, union};

/// The field managers that apply whole objects. A trailing `*` matches any suffix. Managers that edit, scale or patch
/// are manual changes.
const APPLIERS: [&str; 20] = [
    "kubectl",
    "kubectl-client-side-apply",
    "kubectl-create",
    "kubectl-last-applied",
    "kubectl-replace",
    "before-first-apply",
    "helm",
    "helm-controller",
    "argocd-controller",
    "argocd-application-controller",
    "argocd",
    "kustomize-controller",
    "flux*",
    "meshsynth",
    "Terraform*",
    "HashiCorp",
    "pulumi*",
    "kapp*",
    "skaffold*",
    "fleet*",
];

/// The annotation with the input of `kubectl apply`.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The applied fields of an object.
pub(super) struct Before {
    pub fields: Fields,
    /// Whether the fields can contain defaults.
    pub has_defaults: bool,
}

/// Whether an entry belongs to a manager that applies whole objects.
fn is_of_applier(entry: &Entry<'_>) -> bool {
    let name = entry.writer.manager.as_str();
    let is_it = |known: &&str| known.strip_suffix('*').map_or(*known == name, |start| name.starts_with(start));
    entry.writer.subresource.is_empty() && APPLIERS.iter().any(is_it)
}

/// Returns the applied fields of an object.
pub(super) fn before(live: &Value) -> Before {
    let all = entries(live);
    let own: Vec<&Entry<'_>> = all.iter().filter(|entry| is_of_applier(entry)).collect();
    let fields = |operation: &str| {
        let those = own.iter().filter(|entry| entry.writer.operation == operation);
        those.map(|entry| entry.fields.clone()).reduce(union)
    };
    let (applied, updated) = (fields("Apply").unwrap_or_default(), fields("Update"));
    let Some(updated) = updated else { return Before { fields: applied, has_defaults: false } };
    let text = live["metadata"]["annotations"][LAST_APPLIED].as_str();
    match text.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        Some(given) => {
            let fields = union(applied, within(&updated, &given));
            Before { fields, has_defaults: false }
        }
        None => Before { fields: union(applied, updated), has_defaults: true },
    }
}

/// Returns the managed fields of an object that the manifest contains.
pub(super) fn given_of(live: &Value, body: &Value) -> Fields {
    let all = entries(live).into_iter().map(|entry| entry.fields.clone()).reduce(union);
    all.map(|fields| within(&fields, body)).unwrap_or_default()
}

/// Returns the fields that a value contains.
fn within(fields: &Fields, value: &Value) -> Fields {
    let of = |(text, inner): (&String, &Value)| {
        let inner = inner.as_object()?;
        if text == "." {
            return Some((text.clone(), Value::Object(inner.clone())));
        }
        let value = given(&Step::read(text)?, value)?;
        let kept = if is_leaf(inner) { inner.clone() } else { within(inner, value) };
        (is_leaf(inner) || !kept.is_empty()).then(|| (text.clone(), Value::Object(kept)))
    };
    fields.iter().filter_map(of).collect()
}

/// Returns the value at a step in a manifest. The manifest can omit list keys that have a default.
fn given<'v>(step: &Step, value: &'v Value) -> Option<&'v Value> {
    let Step::Keys(keys) = step else { return step.of(value) };
    let is_it = |item: &&Value| {
        let of = |(key, value): (&String, &Value)| item.get(key).map(|own| own == value);
        let rows: Vec<bool> = keys.iter().filter_map(of).collect();
        !rows.is_empty() && rows.iter().all(|is_same| *is_same)
    };
    value.as_array()?.iter().find(is_it)
}

/// Returns the fields whose values differ from a new object.
pub(super) fn without_defaults(fields: &Fields, live: Option<&Value>, fresh: Option<&Value>) -> Fields {
    let of = |(text, inner): (&String, &Value)| {
        let inner = inner.as_object()?;
        let step = Step::read(text)?;
        let (live, fresh) = (step.of(live?)?, fresh.and_then(|value| step.of(value)));
        if fresh == Some(live) {
            return None;
        }
        let kept = if is_leaf(inner) { inner.clone() } else { without_defaults(inner, Some(live), fresh) };
        (is_leaf(inner) || !kept.is_empty()).then(|| (text.clone(), Value::Object(kept)))
    };
    fields.iter().filter_map(of).collect()
}

/// Returns the tool and the release name of an object, or `None` if it belongs to no release.
pub(super) fn release(object: &Value) -> Option<(String, String)> {
    let metadata = &object["metadata"];
    let known = [
        ("annotations", "meta.helm.sh/release-name"),
        ("annotations", "argocd.argoproj.io/tracking-id"),
        ("labels", "argocd.argoproj.io/instance"),
        ("labels", "kustomize.toolkit.fluxcd.io/name"),
        ("labels", "helm.toolkit.fluxcd.io/name"),
        ("labels", "app.kubernetes.io/instance"),
    ];
    let row = |(of, key): &(&str, &str)| {
        let text = metadata[*of][*key].as_str()?;
        // The Argo CD tracking ID starts with the name of the Application.
        Some(((*key).to_owned(), text.split(':').next().unwrap_or(text).to_owned()))
    };
    let by_tool = known.iter().find_map(row);
    let by_kubectl = || {
        let is_applied = metadata["annotations"][LAST_APPLIED].is_string();
        is_applied.then(|| (LAST_APPLIED.to_owned(), metadata["namespace"].as_str().unwrap_or_default().to_owned()))
    };
    by_tool.or_else(by_kubectl)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fields::part;
    use super::*;

    fn deployment(manager: &str, operation: &str, annotations: &Value) -> Value {
        json!({
            "metadata": { "name": "web", "annotations": annotations, "managedFields": [
                { "manager": manager, "operation": operation, "fieldsV1": { "f:spec": {
                    "f:replicas": {}, "f:paused": {},
                    "f:ports": { "k:{\"port\":80,\"protocol\":\"TCP\"}": { ".": {}, "f:port": {}, "f:protocol": {} } } } } },
                { "manager": "kubectl-scale", "operation": "Update", "subresource": "scale",
                  "fieldsV1": { "f:spec": { "f:replicas": {} } } },
                { "manager": "kubectl-edit", "operation": "Update", "fieldsV1": { "f:spec": { "f:extra": {} } } }
            ] },
            "spec": { "replicas": 3, "paused": false, "extra": 1, "ports": [{ "port": 80, "protocol": "TCP" }] }
        })
    }

    #[test]
    fn fields_of_server_side_apply_are_exact_and_manual_edits_are_ignored() {
        let live = deployment("helm", "Apply", &json!({}));
        let found = before(&live);
        assert!(!found.has_defaults);
        let wanted =
            json!({ "spec": { "replicas": 3, "paused": false, "ports": [{ "port": 80, "protocol": "TCP" }] } });
        assert_eq!(part(&live, &found.fields), wanted);
        assert!(before(&deployment("kubectl-edit", "Update", &json!({}))).fields.is_empty());
    }

    #[test]
    fn uses_last_applied_annotation_of_kubectl() {
        let given = json!({ "spec": { "replicas": 2, "ports": [{ "port": 80 }] } }).to_string();
        let live = deployment("kubectl-client-side-apply", "Update", &json!({ LAST_APPLIED: given }));
        let found = before(&live);
        assert!(!found.has_defaults);
        assert_eq!(part(&live, &found.fields), json!({ "spec": { "replicas": 3, "ports": [{ "port": 80 }] } }));
    }

    #[test]
    fn removes_defaults_of_new_object() {
        let live = deployment("helm", "Update", &json!({}));
        let found = before(&live);
        assert!(found.has_defaults);
        let fresh = json!({ "spec": { "paused": false, "ports": [{ "port": 80, "protocol": "TCP" }] } });
        let left = without_defaults(&found.fields, Some(&live), Some(&fresh));
        assert_eq!(part(&live, &left), json!({ "spec": { "replicas": 3 } }));
    }

    #[test]
    fn finds_release_by_annotation_of_tool() {
        let of = |metadata: Value| release(&json!({ "metadata": metadata })).map(|(_, name)| name);
        assert_eq!(of(json!({ "annotations": { "meta.helm.sh/release-name": "shop" } })).as_deref(), Some("shop"));
        let tracked = json!({ "annotations": { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:a/b" } });
        assert_eq!(of(tracked).as_deref(), Some("shop"));
        assert_eq!(of(json!({ "labels": { "app": "web" } })), None);
    }
}
