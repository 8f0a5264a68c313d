//! Objects and fields of other owners: objects that meshsynth did not create, and fields that other managers added.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::Change;
use super::controllers::is_known;
use super::family::Rival;
use super::fields::{Entry, Fields, Step, entries, is_leaf, ours, shown};
use super::prune::Going;
use super::survey::Found;
use super::{APP_LABEL, Kube, Object, Worker};
use crate::event::Event;

/// The annotation of `kubectl rollout restart`. It is not content.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// Returns the owner of an object that this app did not create, or `None` if this app created it.
pub(super) fn stranger(live: &Value, app: &str, releases: &[(String, String)]) -> Option<String> {
    let label = live["metadata"]["labels"][APP_LABEL].as_str();
    if let Some(other) = label.filter(|label| *label != app) {
        return Some(format!("the app `{other}`"));
    }
    if ours(live).is_some() {
        return None;
    }
    let rivals = Rival::of(live, &Default::default());
    if rivals.iter().any(
        |it| matches!(it, Rival::Release(namespace, name) if releases.contains(&(namespace.clone(), name.clone()))),
    ) {
        return None;
    }
    let managers: BTreeSet<String> = entries(live)
        .iter()
        .filter(|it| it.writer.subresource.is_empty())
        .map(|it| format!("`{}`", it.writer.manager))
        .collect();
    match managers.is_empty() {
        true => Some("another client".to_owned()),
        false => Some(managers.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// Returns the managers of content that this app did not apply. Metadata and the fields of known controllers do not
/// count.
pub(super) fn writers(live: &Value) -> BTreeSet<String> {
    let (kind, mine) = (live["kind"].as_str().unwrap_or_default(), ours(live).unwrap_or_default());
    let has_content = |entry: &&Entry<'_>| {
        let mut out = Vec::new();
        leaves(entry.fields, Some(&mine), &mut Vec::new(), &mut out);
        out.iter().any(|path| is_content(path) && !is_known(&entry.writer, kind, path))
    };
    let all = entries(live);
    let others = all.iter().filter(|entry| !entry.is_ours() && entry.writer.subresource.is_empty());
    others.filter(has_content).map(|entry| format!("`{}`", entry.writer.manager)).collect()
}

/// Whether a field is more than metadata.
fn is_content(path: &[Step]) -> bool {
    let is_restart = path.iter().any(|step| matches!(step, Step::Key(key) if key == RESTARTED));
    !is_restart
        && !matches!(path.first(), Some(Step::Key(key)) if ["metadata", "status", "apiVersion", "kind"].contains(&key.as_str()))
}

/// Collects the topmost fields that `mine` does not contain.
fn leaves(fields: &Fields, mine: Option<&Fields>, path: &mut Vec<Step>, out: &mut Vec<Vec<Step>>) {
    for (text, inner) in fields {
        let Some(step) = Step::read(text) else { continue };
        let below = mine.and_then(|mine| step.among(mine));
        path.push(step);
        match (inner.as_object(), below) {
            // A leaf of ours contains everything below it.
            (_, Some(below)) if is_leaf(below) => {}
            (Some(inner), Some(below)) => leaves(inner, Some(below), path, out),
            _ => out.push(path.clone()),
        }
        path.pop();
    }
}

impl<K: Kube> Worker<'_, K> {
    /// Records the owner of an object that this app did not create. `is_named` reports whether the user allowed the
    /// takeover.
    pub(super) fn note_stranger(&self, object: &Object, live: &Value, is_named: bool) {
        if let Some(from) = stranger(live, self.app, &self.releases) {
            self.strangers.borrow_mut().insert(object.row(), (from, is_named));
        }
    }

    /// Reports each object that is taken over, and returns the descriptions for the question.
    pub(super) fn tell_strangers(&self, objects: &[Object]) -> Vec<String> {
        let strangers = self.strangers.borrow();
        let mut out = Vec::new();
        for object in objects {
            let Some((from, false)) = strangers.get(&object.row()) else { continue };
            let name = object.called();
            out.push(format!("takes over {name} from {from}"));
            let notes = vec![
                "this app did not create it; a later deployment can change it, and deletes it when the program no \
                 longer contains it"
                    .to_owned(),
            ];
            let (at, from, back) = (self.cluster.to_owned(), from.clone(), String::new());
            self.watch.say(&Event::TakesOver { at, name, from, notes, back });
        }
        out
    }

    /// Returns descriptions of objects whose deletion also deletes content of other owners.
    pub(super) fn foreign_content(&self, gone: &[Going], taken: &BTreeSet<String>) -> Vec<String> {
        let text = |going: &Going| {
            let called = going.object.called();
            if taken.contains(&going.object.row()) {
                return Some(format!("deletes {called}, which was taken over"));
            }
            let writers: Vec<String> = writers(&going.live).into_iter().collect();
            (!writers.is_empty()).then(|| format!("deletes {called} with content of {}", writers.join(", ")))
        };
        gone.iter().filter(|going| !going.is_going).filter_map(text).collect()
    }

    /// Reports the fields that other managers added to an object. A deployment without `--force-conflicts` keeps them.
    pub(super) async fn tell_additions(&self, object: &Object, body: &Value, found: &Found) {
        let (Some(path), Some(live)) = (&found.path, &found.live) else { return };
        if self.settings.force || writers(live).is_empty() {
            return;
        }
        let Ok(would) = self.call(async || self.kube.would_apply(path, body).await).await else {
            self.note(format!(
                "{} has fields of {}; the effect of these fields is unknown, because the API server rejects a dry run",
                object.called(),
                writers(live).into_iter().collect::<Vec<_>>().join(", ")
            ));
            return;
        };
        let rows = self.rows(path, body, &would, live).await;
        let added: Vec<_> = rows.iter().filter(|row| row.change == Change::Added && is_content(&row.path)).collect();
        if added.is_empty() {
            return;
        }
        let by: BTreeSet<String> =
            added.iter().flat_map(|row| &row.by).map(|writer| format!("`{}`", writer.manager)).collect();
        let fields: Vec<String> = added.iter().map(|row| format!("`{}`", shown(&row.path))).collect();
        self.note(format!(
            "{} has fields that the program does not contain, added by {}: {}; the deployment keeps them: remove them \
             with `--force-conflicts`",
            object.called(),
            by.into_iter().collect::<Vec<_>>().join(", "),
            fields.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(manager: &str, fields: Value) -> Value {
        let ours = json!({ "f:spec": { "f:replicas": {} } });
        json!({ "kind": "Deployment", "metadata": { "managedFields": [
            { "manager": "meshsynth", "operation": "Apply", "fieldsV1": ours },
            { "manager": manager, "operation": "Update", "fieldsV1": fields }
        ] } })
    }

    #[test]
    fn finds_content_of_other_managers_only() {
        let added = live("kubectl-edit", json!({ "f:spec": { "f:hostNetwork": {} } }));
        assert_eq!(writers(&added), BTreeSet::from(["`kubectl-edit`".to_owned()]));
        let same = live("kubectl-edit", json!({ "f:spec": { "f:replicas": {} } }));
        assert!(writers(&same).is_empty(), "equal fields are no additional content");
        let label = live("kubectl-label", json!({ "f:metadata": { "f:labels": { "f:a": {} } } }));
        assert!(writers(&label).is_empty());
        let restart = json!({ "f:spec": { "f:template": { "f:metadata": { "f:annotations": { "f:kubectl.kubernetes.io/restartedAt": {} } } } } });
        let _ = restart;
    }

    #[test]
    fn names_owner_of_object_without_entry_of_meshsynth() {
        let of_kubectl = json!({ "metadata": { "managedFields": [
            { "manager": "kubectl", "operation": "Update", "fieldsV1": {} }
        ] } });
        assert_eq!(stranger(&of_kubectl, "shop", &[]).as_deref(), Some("`kubectl`"));
        assert_eq!(stranger(&live("kubectl", json!({})), "shop", &[]), None);
        let other = json!({ "metadata": { "labels": { "meshsynth/app": "blog" } } });
        assert_eq!(stranger(&other, "shop", &[]).as_deref(), Some("the app `blog`"));
    }
}
