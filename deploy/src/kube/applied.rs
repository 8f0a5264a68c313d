//! What the last one who applied an object wrote, whoever that was: kubectl, Helm, Argo CD, Flux.
//!
//! Tools that apply on the server are exact: `managedFields` name what they apply. Those that update (`kubectl apply` without
//! `--server-side`, Helm 3, Argo CD by default) wrote defaults as well; of these the annotation of kubectl tells what was given, and
//! otherwise the defaults of a new object are taken out.

use serde_json::Value;

use super::fields::{Entry, Fields, Step, entries, is_leaf, union};

/// Those who apply whole objects; `*` at the end stands for anything. Whoever edits, scales or patches is somebody at a keyboard.
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

/// What `kubectl apply` was given.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What was applied of an object.
pub(super) struct Before {
    /// The fields.
    pub fields: Fields,
    /// Whether defaults may be among them.
    pub has_defaults: bool,
}

/// Whether an entry is of somebody who applies whole objects.
fn is_of_applier(entry: &Entry<'_>) -> bool {
    let name = entry.writer.manager.as_str();
    let is_it = |known: &&str| known.strip_suffix('*').map_or(*known == name, |start| name.starts_with(start));
    entry.writer.subresource.is_empty() && APPLIERS.iter().any(is_it)
}

/// What was applied of an object.
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

/// The fields of an object that somebody gives, as far as anybody manages them.
pub(super) fn given_of(live: &Value, body: &Value) -> Fields {
    let all = entries(live).into_iter().map(|entry| entry.fields.clone()).reduce(union);
    all.map(|fields| within(&fields, body)).unwrap_or_default()
}

/// The fields that a value has.
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

/// What a step leads to in what somebody gave, where keys with a default may be left out.
fn given<'v>(step: &Step, value: &'v Value) -> Option<&'v Value> {
    let Step::Keys(keys) = step else { return step.of(value) };
    let is_it = |item: &&Value| {
        let of = |(key, value): (&String, &Value)| item.get(key).map(|own| own == value);
        let rows: Vec<bool> = keys.iter().filter_map(of).collect();
        !rows.is_empty() && rows.iter().all(|is_same| *is_same)
    };
    value.as_array()?.iter().find(is_it)
}

/// The fields that are not as a new object has them.
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

/// By what an object is known to be of a release: its tool and the name that the tool gave.
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
        // The id of Argo CD begins with the name of the application.
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
    fn whoever_applies_on_the_server_is_exact_and_whoever_edits_is_a_hand() {
        let live = deployment("helm", "Apply", &json!({}));
        let found = before(&live);
        assert!(!found.has_defaults);
        let wanted =
            json!({ "spec": { "replicas": 3, "paused": false, "ports": [{ "port": 80, "protocol": "TCP" }] } });
        assert_eq!(part(&live, &found.fields), wanted);
        assert!(before(&deployment("kubectl-edit", "Update", &json!({}))).fields.is_empty());
    }

    #[test]
    fn what_kubectl_was_given_is_what_was_applied() {
        let given = json!({ "spec": { "replicas": 2, "ports": [{ "port": 80 }] } }).to_string();
        let live = deployment("kubectl-client-side-apply", "Update", &json!({ LAST_APPLIED: given }));
        let found = before(&live);
        assert!(!found.has_defaults);
        assert_eq!(part(&live, &found.fields), json!({ "spec": { "replicas": 3, "ports": [{ "port": 80 }] } }));
    }

    #[test]
    fn the_defaults_of_a_new_object_are_nobodys() {
        let live = deployment("helm", "Update", &json!({}));
        let found = before(&live);
        assert!(found.has_defaults);
        let fresh = json!({ "spec": { "paused": false, "ports": [{ "port": 80, "protocol": "TCP" }] } });
        let left = without_defaults(&found.fields, Some(&live), Some(&fresh));
        assert_eq!(part(&live, &left), json!({ "spec": { "replicas": 3 } }));
    }

    #[test]
    fn an_object_is_of_the_release_that_its_tool_says() {
        let of = |metadata: Value| release(&json!({ "metadata": metadata })).map(|(_, name)| name);
        assert_eq!(of(json!({ "annotations": { "meta.helm.sh/release-name": "shop" } })).as_deref(), Some("shop"));
        let tracked = json!({ "annotations": { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:a/b" } });
        assert_eq!(of(tracked).as_deref(), Some("shop"));
        assert_eq!(of(json!({ "labels": { "app": "web" } })), None);
    }
}
