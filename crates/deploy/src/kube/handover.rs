//! Takes over objects that other tools applied. The ownership record of their fields is transferred to meshsynth. A
//! field that is later removed from the program is then removed from the object. kubectl migrates client-side apply in
//! the same manner.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply>.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::application::Applications;
use super::applied::without_defaults;
use super::drift::{another, renamed};
use super::family::{Rival, is_named};
use super::fields::{Fields, Step, entries, is_leaf, ours, shown, union};
use super::{Kube, KubeError, MANAGER, Object, Worker};
use crate::event::Event;
use crate::failure::Failure;
use crate::way_back::WayBack;

/// The API path of Argo CD Applications.
const APPLICATIONS: &str = "/apis/argoproj.io/v1alpha1/applications";
/// The metadata fields that only the server writes.
const OF_SERVER: [&str; 6] = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

/// The fields of an object that change owners.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Handover {
    /// The `managedFields` after the takeover.
    pub managed: Vec<Value>,
    /// The previous managers.
    pub from: BTreeSet<String>,
    /// The fields that change owners.
    pub fields: Fields,
    /// The fields of all remaining managers.
    others: Vec<Fields>,
}

/// An object to take over.
pub(super) struct Handed<'a> {
    pub object: &'a Object,
    pub path: &'a str,
    pub body: &'a Value,
    pub live: &'a Value,
    pub handover: &'a Handover,
    /// The result of the dry run, if the API server accepted it.
    pub would: Option<&'a Value>,
}

impl Handover {
    /// Returns the fields to take over from the named managers, or `None` if these managers own no field.
    pub(super) fn of(live: &Value, named: &[String]) -> Option<Self> {
        if named.is_empty() {
            return None;
        }
        let rows = live["metadata"]["managedFields"].as_array()?;
        let is_taken = |row: &&Value| {
            let manager = row["manager"].as_str().unwrap_or_default();
            row["subresource"].as_str().is_none_or(str::is_empty)
                && row["fieldsV1"].is_object()
                && row["apiVersion"] == live["apiVersion"]
                && manager != MANAGER
                && is_named(named, manager)
        };
        let mut fields = Fields::new();
        let (mut from, mut managed) = (BTreeSet::new(), Vec::new());
        for row in rows {
            if !is_taken(&row) {
                managed.push(row.clone());
                continue;
            }
            let mut had = row["fieldsV1"].as_object().cloned().unwrap_or_default();
            // Status fields are never applied, so they are not taken over.
            if let Some(status) = had.remove("f:status") {
                let mut rest = row.clone();
                rest["fieldsV1"] = json!({ "f:status": status });
                managed.push(rest);
            }
            if !had.is_empty() {
                from.insert(row["manager"].as_str().unwrap_or_default().to_owned());
                fields = union(fields, had);
            }
        }
        if fields.is_empty() {
            return None;
        }
        let mut rest = live.clone();
        rest["metadata"]["managedFields"] = Value::Array(managed.clone());
        let others = entries(&rest).iter().filter(|it| !it.is_ours()).map(|it| it.fields.clone()).collect();
        let is_ours = |row: &&mut Value| {
            row["manager"] == MANAGER
                && row["operation"] == "Apply"
                && row["subresource"].as_str().is_none_or(str::is_empty)
                // Fields of different API versions cannot be joined.
                && row["apiVersion"] == live["apiVersion"]
        };
        match managed.iter_mut().find(is_ours) {
            Some(row) => {
                let had = row["fieldsV1"].as_object().cloned().unwrap_or_default();
                row["fieldsV1"] = Value::Object(union(had, fields.clone()));
            }
            None => managed.push(json!({
                "manager": MANAGER, "operation": "Apply", "apiVersion": live["apiVersion"],
                "fieldsType": "FieldsV1", "fieldsV1": fields
            })),
        }
        Some(Self { managed, from, fields, others })
    }

    /// Returns the fields among `had` that the takeover removes, because neither the program nor another manager has
    /// them.
    pub(super) fn gone(&self, had: &Fields, would: &Value) -> Vec<String> {
        let planned = ours(would).unwrap_or_default();
        let kept: Vec<&Fields> = self.others.iter().chain([&planned]).collect();
        let mut out = Vec::new();
        collect(had, &kept, &mut Vec::new(), &mut out);
        out
    }

    fn from(&self) -> String {
        let names: Vec<&str> = self.from.iter().map(String::as_str).collect();
        format!("`{}`", names.join("`, `"))
    }
}

/// Collects the topmost fields that are absent from all `kept` fields.
fn collect(fields: &Fields, kept: &[&Fields], path: &mut Vec<Step>, out: &mut Vec<String>) {
    for (text, inner) in fields {
        let Some(step) = Step::read(text) else { continue };
        let below: Vec<&Fields> = kept.iter().filter_map(|fields| step.among(fields)).collect();
        path.push(step);
        match inner.as_object() {
            _ if below.is_empty() => out.push(shown(path)),
            Some(inner) if !below.iter().any(|it| is_leaf(it)) => collect(inner, &below, path, out),
            _ => {}
        }
        path.pop();
    }
}

impl<K: Kube> Worker<'_, K> {
    /// Reports each object to take over with its changes, before the takeover.
    pub(super) async fn tell_handovers(&self, rows: &[Handed<'_>]) {
        if rows.is_empty() {
            return;
        }
        let applications = self.applications().await;
        for Handed { object, path, body, live, handover, would } in rows {
            let mut notes = Vec::new();
            let had = self.without_defaults(path, body, live, &handover.fields).await;
            let gone = would.map(|would| handover.gone(&had, would)).unwrap_or_default();
            if !gone.is_empty() {
                notes.push(format!("will be removed, because the program does not contain it: {}", listed(&gone)));
            }
            notes.extend(Rival::of(live, &applications).iter().map(|rival| rival.note(&applications)));
            let back = match (&self.settings.keep, object.kind()) {
                (None, _) => String::new(),
                (Some(_), "Secret") => {
                    notes.push(
                        "the values of a Secret are not saved: make a copy first if you may need to revert".to_owned(),
                    );
                    String::new()
                }
                (Some(folder), _) => format!("kubectl apply -f {}", self.way_back(folder, object).path(&file(object))),
            };
            self.watch.say(&Event::TakesOver {
                at: self.cluster.to_owned(),
                name: object.called(),
                from: handover.from(),
                notes,
                back,
            });
        }
    }

    /// Removes the defaults from the fields of a tool that updated the object, because the API server records them as
    /// fields of this tool. A dry run of a new object shows the defaults.
    async fn without_defaults(&self, path: &str, body: &Value, live: &Value, fields: &Fields) -> Fields {
        match self.kube.would_apply(&another(path), &renamed(body)).await {
            Ok(fresh) => without_defaults(fields, Some(live), Some(&fresh)),
            Err(_) => fields.clone(),
        }
    }

    /// Takes over an object that other tools applied. Saves its previous state first.
    pub(super) async fn hand_over(&self, object: &Object, path: &str, live: &Value) -> Result<(), Failure> {
        let mut live = live.clone();
        while let Some(handover) = Handover::of(&live, &self.settings.take_over) {
            if let (Some(folder), true) = (&self.settings.keep, object.kind() != "Secret") {
                let text = format!("{:#}\n", kept(&live));
                self.way_back(folder, object).write(&[(file(object).as_str(), text.as_str())]).map_err(|error| {
                    let text = format!(
                        "cluster `{}`: {} is not taken over, because its current state cannot be saved",
                        self.cluster,
                        object.called()
                    );
                    let failure = Failure::new(text, "free disk space, then run the command again");
                    self.at(object, Failure { cause: format!("{error:#}"), ..failure })
                })?;
            }
            let patch = json!({ "metadata": {
                "uid": live["metadata"]["uid"],
                "resourceVersion": live["metadata"]["resourceVersion"],
                "managedFields": handover.managed
            } });
            let answer = self.call(async || self.kube.merge(path, &patch).await).await;
            let failed = |error: &KubeError| self.at(object, self.explain(object, error));
            match answer {
                Ok(_) => return Ok(()),
                // The object changed in the meantime.
                Err(error) if error.code == 409 && !self.stop.is_cancelled() => {
                    match self.call(async || self.kube.get(path).await).await.map_err(|error| failed(&error))? {
                        Some(found) => live = found,
                        None => return Ok(()),
                    }
                }
                Err(error) => return Err(failed(&error)),
            }
        }
        Ok(())
    }

    fn way_back(&self, folder: &std::path::Path, object: &Object) -> WayBack {
        let namespace = if object.namespace().is_empty() { "cluster" } else { object.namespace() };
        WayBack::new(folder, &[self.cluster, namespace])
    }

    /// Returns the Argo CD Applications. Without permission to read them, the messages contain less detail.
    async fn applications(&self) -> Applications {
        let found = self.call(async || self.kube.get(APPLICATIONS).await).await.ok().flatten();
        Applications::new(&found.unwrap_or_default())
    }
}

/// Returns the name of the backup file. It contains the API group, because kinds of different groups can have the same
/// name.
fn file(object: &Object) -> String {
    let group = object.text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
    let kind = if group.is_empty() { object.kind().to_owned() } else { format!("{}.{group}", object.kind()) };
    format!("{kind}-{}.json", object.name()).to_lowercase().replace(':', "-")
}

/// Returns the object in a form that can be applied again.
fn kept(live: &Value) -> Value {
    let mut out = live.clone();
    if let Some(fields) = out.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = out["metadata"].as_object_mut() {
        metadata.retain(|key, _| !OF_SERVER.contains(&key.as_str()));
    }
    out
}

fn listed(names: &[String]) -> String {
    format!("`{}`", names.join("`, `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn does_not_join_fields_of_different_versions() {
        let row = |manager: &str, operation: &str, version: &str, field: &str| {
            let fields = json!({ "f:spec": { field: {} } });
            json!({ "manager": manager, "operation": operation, "apiVersion": version, "fieldsV1": fields })
        };
        let live = json!({ "apiVersion": "autoscaling/v2", "metadata": { "managedFields": [
            row(MANAGER, "Apply", "autoscaling/v1", "f:targetCPUUtilizationPercentage"),
            row("kubectl-client-side-apply", "Update", "autoscaling/v2", "f:metrics"),
        ] } });
        let managed = Handover::of(&live, &["kubectl".to_owned()]).unwrap().managed;
        assert_eq!(managed[0], live["metadata"]["managedFields"][0], "what is of another version stays");
        assert_eq!(managed[1]["fieldsV1"], json!({ "f:spec": { "f:metrics": {} } }));
    }
}
