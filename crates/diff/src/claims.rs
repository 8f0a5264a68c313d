//! Volume claims of StatefulSets.

use serde_json::Value;

use crate::change::Edit;
use crate::fate::Fate;
use crate::tree::units;

/// Whether a StatefulSet creates volume claims.
pub fn has_claims(document: &Value) -> bool {
    document["spec"]["volumeClaimTemplates"].as_array().is_some_and(|claims| !claims.is_empty())
}

/// Whether the retention policy deletes claims on an event.
pub fn deletes_claims(document: &Value, event: &str) -> bool {
    document["spec"]["persistentVolumeClaimRetentionPolicy"][event] == "Delete"
}

/// Returns the loss of the claims of removed pods. Without `replicas`, the API server sets 1.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention>.
pub fn scaled_down(kind: &str, old: &Value, new: &Value) -> Option<Fate> {
    let replicas = |document: &Value| document["spec"]["replicas"].as_u64().unwrap_or(1);
    let (before, after) = (replicas(old), replicas(new));
    let is_it = kind == "StatefulSet" && has_claims(old) && deletes_claims(new, "whenScaled") && after < before;
    is_it.then_some(Fate::ClaimsScaledAway { before, after })
}

/// Returns the steps that grow the existing claims, if the change only raises their size. The claim templates of a
/// StatefulSet cannot change.
///
/// Source: <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims>.
pub fn grown(old: &Value, new: &Value, edits: &[Edit]) -> Option<String> {
    let is_size =
        |edit: &Edit| edit.is_below(&["spec", "volumeClaimTemplates"]) && edit.path.ends_with("requests.storage");
    let edit = edits.iter().find(|edit| is_size(edit))?;
    let (before, after) = (size(&edit.before)?, size(&edit.after)?);
    let others = edits.iter().filter(|it| it.is_below(&["spec", "volumeClaimTemplates"]));
    if old["kind"] != "StatefulSet"
        || units::quantity(&after)? <= units::quantity(&before)?
        || !others.clone().all(is_size)
    {
        return None;
    }
    let name = new["metadata"]["name"].as_str()?;
    let claims =
        new["spec"]["volumeClaimTemplates"].as_array()?.iter().filter_map(|it| it["metadata"]["name"].as_str());
    let claims: Vec<String> = claims.map(|claim| format!("`{claim}-{name}-N`")).collect();
    Some(format!(
        "existing volumes grow in three steps. 1. Set `spec.resources.requests.storage` of each claim {} to `{after}`, if \
         its storage class has `allowVolumeExpansion`. 2. Run `kubectl delete statefulset {name} --cascade=orphan`. 3. \
         Apply the new StatefulSet",
        claims.join(", ")
    ))
}

fn size(value: &Option<Value>) -> Option<String> {
    match value.as_ref()? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
