//! Removes manual additions from an object if a deployment takes over fields of other managers.
//!
//! Server-side apply keeps fields that it never applied. Therefore, the ownership record is changed first: meshsynth
//! becomes the manager of the added fields. The next apply lacks these fields, so it removes them in the same step.
//! kubectl migrates client-side apply in the same manner.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership>.

use serde_json::{Value, json};

use super::compare::{Change, Row};
use super::fields::{Fields, Step, Writer, union};
use super::{Kube, KubeError, MANAGER, Worker};

impl<K: Kube> Worker<'_, K> {
    /// Transfers the ownership of added fields to meshsynth. Fields of known controllers keep their manager.
    pub(super) async fn take_over(
        &self,
        path: &str,
        body: &Value,
        is_scaled: bool,
        live: &Value,
    ) -> Result<(), KubeError> {
        let mut live = live.clone();
        loop {
            let would = self.call(async || self.kube.would_apply(path, body).await).await?;
            let mut rows = self.rows(path, body, &would, &live).await;
            rows.retain(|row| row.change == Change::Added && !(is_scaled && row.shown() == "spec.replicas"));
            let Some(managed) = handed_over(&live, &rows) else { return Ok(()) };
            let patch = json!({ "metadata": {
                "uid": live["metadata"]["uid"],
                "resourceVersion": live["metadata"]["resourceVersion"],
                "managedFields": managed
            } });
            match self.call(async || self.kube.merge(path, &patch).await).await {
                // The object changed in the meantime.
                Err(error) if error.code == 409 && !self.stop.is_cancelled() => {
                    match self.call(async || self.kube.get(path).await).await? {
                        Some(found) => live = found,
                        None => return Ok(()),
                    }
                }
                answer => return answer.map(|_| ()),
            }
        }
    }
}

/// Returns the `managedFields` after the transfer, or `None` if nothing is transferred.
fn handed_over(live: &Value, rows: &[Row]) -> Option<Vec<Value>> {
    let mut managed = live["metadata"]["managedFields"].as_array()?.clone();
    let mut taken = Fields::new();
    for row in rows {
        for entry in managed.iter_mut().filter(|entry| row.by.iter().any(|writer| is_of(entry, writer))) {
            let Some(found) = entry["fieldsV1"].as_object_mut().and_then(|fields| take(fields, &row.path)) else {
                continue;
            };
            let chain = row.path.iter().rev().fold(found, |inner, step| json!({ step.written(): inner }));
            taken = union(taken, chain.as_object().cloned().unwrap_or_default());
        }
    }
    if taken.is_empty() {
        return None;
    }
    managed.retain(|entry| entry["fieldsV1"].as_object().is_none_or(|fields| !fields.is_empty()));
    let is_ours = |entry: &&mut Value| {
        entry["manager"] == MANAGER
            && entry["operation"] == "Apply"
            && entry["subresource"].as_str().is_none_or(str::is_empty)
            && entry["apiVersion"] == live["apiVersion"]
    };
    match managed.iter_mut().find(is_ours) {
        Some(entry) => {
            let had = entry["fieldsV1"].as_object().cloned().unwrap_or_default();
            entry["fieldsV1"] = Value::Object(union(had, taken));
        }
        None => managed.push(json!({
            "manager": MANAGER, "operation": "Apply", "apiVersion": live["apiVersion"],
            "fieldsType": "FieldsV1", "fieldsV1": taken
        })),
    }
    Some(managed)
}

fn is_of(entry: &Value, writer: &Writer) -> bool {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    text("manager") == writer.manager
        && text("operation") == writer.operation
        && text("subresource") == writer.subresource
}

/// Removes a path and everything below it. Parents that become empty do not become fields.
fn take(fields: &mut Fields, path: &[Step]) -> Option<Value> {
    let (step, rest) = path.split_first()?;
    let key = fields.keys().find(|text| Step::read(text).as_ref() == Some(step))?.clone();
    if rest.is_empty() {
        return fields.remove(&key);
    }
    let inner = fields.get_mut(&key)?.as_object_mut()?;
    let found = take(inner, rest);
    if inner.is_empty() && found.is_some() {
        fields.remove(&key);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Step {
        Step::Key(text.to_owned())
    }

    #[test]
    fn transfers_only_added_fields() {
        let container = json!({ ".": {}, "f:name": {}, "f:image": {} });
        let writer = Writer {
            manager: "kubectl-patch".to_owned(),
            operation: "Update".to_owned(),
            subresource: String::new(),
            time: String::new(),
        };
        let live = json!({ "apiVersion": "apps/v1", "metadata": { "managedFields": [
            { "manager": MANAGER, "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": { "f:spec": { "f:replicas": {} } } },
            { "manager": "kubectl-patch", "operation": "Update", "fieldsV1": {
                "f:spec": { "f:hostNetwork": {}, "f:containers": { "k:{\"name\":\"x\"}": container } } } },
            { "manager": "controller", "operation": "Update", "fieldsV1": { "f:metadata": {} } }
        ] } });
        let item = Step::Keys(json!({ "name": "x" }).as_object().unwrap().clone());
        let row = |path: Vec<Step>| Row { path, change: Change::Added, by: vec![writer.clone()] };
        let rows = [row(vec![key("spec"), key("containers"), item]), row(vec![key("spec"), key("hostNetwork")])];
        let managed = handed_over(&live, &rows).unwrap();
        let wanted = json!({ "f:spec": {
            "f:replicas": {}, "f:hostNetwork": {}, "f:containers": { "k:{\"name\":\"x\"}": container } } });
        assert_eq!(managed[0]["fieldsV1"], wanted);
        assert_eq!(managed[1]["manager"], "controller");
        assert_eq!(managed.len(), 2);
        assert_eq!(handed_over(&live, &[]), None);
    }
}
