//! The effect of a deployment on an object: created, changed or unchanged.

use serde_json::Value;

use super::fields::record;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Created,
    Changed,
    Unchanged,
}

impl Outcome {
    /// Compares an object before and after.
    pub(super) fn of(before: Option<&Value>, after: &Value) -> Self {
        let Some(before) = before else { return Outcome::Created };
        let is_same = |key: &str| before["metadata"][key] == after["metadata"][key];
        // A controller can write the status in the meantime. The `managedFields` entry of meshsynth changes with each
        // write.
        let (old, new) = (record(before), record(after));
        let is_timed = |rows: &[&Value]| !rows.is_empty() && rows.iter().all(|row| row["time"].is_string());
        match is_same("uid") {
            false => Outcome::Created,
            true if is_same("resourceVersion") || (old == new && is_timed(&old)) => Outcome::Unchanged,
            // If a controller manages a list, applying the same list changes only the field ownership.
            true if content(before) == content(after) => Outcome::Unchanged,
            true => Outcome::Changed,
        }
    }

    /// Returns the outcome as a word.
    pub(super) fn text(self) -> &'static str {
        match self {
            Outcome::Created => "created",
            Outcome::Changed => "changed",
            Outcome::Unchanged => "unchanged",
        }
    }
}

/// Removes the status and the metadata of the API server.
fn content(object: &Value) -> Value {
    let mut content = object.clone();
    if let Some(object) = content.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = content["metadata"].as_object_mut() {
        metadata.remove("managedFields");
        metadata.remove("resourceVersion");
    }
    content
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(version: &str, time: &str) -> Value {
        let row = json!({ "manager": "meshsynth", "operation": "Apply", "time": time, "fieldsV1": {} });
        json!({ "metadata": { "uid": "1", "resourceVersion": version, "managedFields": [row] } })
    }

    #[test]
    fn ignores_status_changes_of_controllers() {
        let before = object("5", "2026-11-21T06:30:00Z");
        assert_eq!(Outcome::of(None, &before), Outcome::Created);
        assert_eq!(Outcome::of(Some(&before), &before), Outcome::Unchanged);
        assert_eq!(Outcome::of(Some(&before), &object("6", "2026-11-21T06:30:00Z")), Outcome::Unchanged);
        let mut again = object("7", "2026-11-21T06:31:00Z");
        again["metadata"]["uid"] = json!("2");
        assert_eq!(Outcome::of(Some(&before), &again), Outcome::Created, "somebody deleted it in between");
    }

    #[test]
    fn reports_value_changes_but_not_ownership_changes() {
        let before = object("5", "2026-11-21T06:30:00Z");
        let mut after = object("6", "2026-11-21T06:31:00Z");
        after["status"] = json!({ "observedGeneration": 1 });
        assert_eq!(Outcome::of(Some(&before), &after), Outcome::Unchanged);
        after["spec"] = json!({ "replicas": 2 });
        assert_eq!(Outcome::of(Some(&before), &after), Outcome::Changed);
    }
}
