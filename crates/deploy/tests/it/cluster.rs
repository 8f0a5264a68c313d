//! A simulated API server: server-side apply with field managers, CRDs, and controllers.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use meshsynth_deploy::kube::{Kube, KubeError};
use meshsynth_deploy::time::timestamp;
use serde_json::{Value, json};

use crate::kinds::served;
use crate::managed::{Path, default, fields, leaves, merge, paths, remove};

/// The state of the server.
#[derive(Default)]
pub struct Cluster {
    /// The objects by path.
    pub objects: RefCell<BTreeMap<String, Value>>,
    /// The responses to apply requests, by the end of the object path.
    pub refusals: RefCell<BTreeMap<String, (u16, &'static str)>>,
    /// The existing pods.
    pub pods: RefCell<Vec<Value>>,
    /// Whether workloads never become ready.
    pub never_ready: Cell<bool>,
    /// The number of reads that still return the failure of the old pods.
    pub old_failures: Cell<u32>,
    /// The permissions as `verb group/resource namespace`. `None` allows everything.
    pub allowed: RefCell<Option<Vec<&'static str>>>,
    /// Whether kinds cannot be listed.
    pub no_lists: Cell<bool>,
    /// Whether dry runs are rejected.
    pub no_dry_run: Cell<bool>,
    /// Whether finalizers never complete.
    pub is_stuck: Cell<bool>,
    /// The number of reads of objects in deletion.
    pub looks: Cell<u32>,
    /// All changes, in order.
    pub log: RefCell<Vec<String>>,
    /// All calls, in order.
    pub calls: RefCell<Vec<String>>,
    /// The call at which the process is killed. `None` means never.
    pub killed_at: Cell<Option<u32>>,
    pub n_calls: Cell<u32>,
    /// The version of the last change.
    version: Cell<u64>,
}

impl Cluster {
    fn served(&self, root: &str) -> Value {
        let has_things = self.objects.borrow().keys().any(|path| path.ends_with("/things.example.com"));
        served(root, has_things)
    }

    /// Handles a request.
    pub fn handle(&self, method: &str, path: &str, query: &str, body: &Value) -> Result<Value, KubeError> {
        self.n_calls.set(self.n_calls.get() + 1);
        self.calls.borrow_mut().push(format!("{method} {path}{}{query}", if query.is_empty() { "" } else { "?" }));
        match method {
            "GET" if path == "/version" => Ok(json!({ "gitVersion": "v1.36.2-eks-1a2b3c4" })),
            "GET" if path == "/apis" => {
                let has_policies = self.objects.borrow().keys().any(|path| path.contains("/networkpolicies/"));
                let more = has_policies.then_some("networking.k8s.io/v1");
                let versions = ["apps/v1", "autoscaling/v2", "example.com/v1"].into_iter().chain(more);
                let groups = versions.map(|it| json!({ "preferredVersion": { "groupVersion": it } }));
                Ok(json!({ "groups": groups.collect::<Vec<_>>() }))
            }
            "POST" => {
                let asked = &body["spec"]["resourceAttributes"];
                let text = |key: &str| asked[key].as_str().unwrap_or_default();
                let row = format!("{} {}/{} {}", text("verb"), text("group"), text("resource"), text("namespace"));
                let allowed = self.allowed.borrow();
                let is_allowed = allowed.as_ref().is_none_or(|rows| rows.contains(&row.trim_end()));
                Ok(json!({ "status": { "allowed": is_allowed } }))
            }
            "GET" if path.ends_with("/pods") && query.contains("app") && !query.contains("limit") => {
                Ok(json!({ "items": *self.pods.borrow() }))
            }
            "GET" if path.split('/').count() <= 4 && !self.served(path).is_null() => Ok(self.served(path)),
            "GET" => match self.kind_of(path) {
                Some(kind) => self.list(path, &kind, query),
                None => self.get(path),
            },
            "DELETE" => self.delete(path, body),
            "MERGE" => self.merge_record(path, body),
            _ => self.apply(path, query, body),
        }
    }

    /// Changes the `managedFields` of an object.
    fn merge_record(&self, path: &str, body: &Value) -> Result<Value, KubeError> {
        let mut objects = self.objects.borrow_mut();
        let object = objects.get_mut(path).ok_or_else(none)?;
        if object["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"] {
            return Err(refuse(409, "Conflict", "the object has been modified"));
        }
        object["metadata"]["managedFields"] = body["metadata"]["managedFields"].clone();
        object["metadata"]["resourceVersion"] = json!(self.next());
        Ok(object.clone())
    }

    /// Returns the kind that a path lists.
    fn kind_of(&self, path: &str) -> Option<String> {
        let (folder, plural) = path.rsplit_once('/')?;
        let root = folder.split("/namespaces/").next()?;
        let list = self.served(root);
        let row = list["resources"].as_array()?.iter().find(|row| row["name"] == plural)?;
        Some(row["kind"].as_str()?.to_owned())
    }

    fn list(&self, path: &str, kind: &str, query: &str) -> Result<Value, KubeError> {
        if self.no_lists.get() {
            return Err(refuse(403, "Forbidden", "User \"ann\" cannot list resource"));
        }
        let (folder, plural) = path.rsplit_once('/').unwrap();
        let label = query.split('&').find_map(|it| it.strip_prefix("labelSelector="));
        let label = label.map(|it| it.replace("%2F", "/").replace("%3D", "="));
        let objects = self.objects.borrow();
        let is_there = |at: &str, object: &Value| {
            let (place, _) = at.rsplit_once('/').unwrap();
            let is_in = place == path
                || (place.starts_with(&format!("{folder}/namespaces/")) && place.ends_with(&format!("/{plural}")));
            let has = label
                .as_ref()
                .and_then(|it| it.split_once('='))
                .is_none_or(|(key, value)| object["metadata"]["labels"][key] == value);
            is_in && has
        };
        let mut items: Vec<Value> =
            objects.iter().filter(|(at, object)| is_there(at, object)).map(|(_, it)| it.clone()).collect();
        for item in &mut items {
            let item = item.as_object_mut().unwrap();
            item.remove("apiVersion");
            item.remove("kind");
        }
        let version = folder.split("/namespaces/").next().unwrap();
        let version = version.trim_start_matches("/apis/").trim_start_matches("/api/");
        Ok(json!({ "apiVersion": version, "kind": format!("{kind}List"), "metadata": {}, "items": items }))
    }

    fn get(&self, path: &str) -> Result<Value, KubeError> {
        let mut objects = self.objects.borrow_mut();
        let has_routes = objects.keys().any(|path| path.contains("/virtualservices/"));
        let object = objects.get_mut(path).ok_or_else(none)?;
        let before = object["status"].clone();
        self.control(object, has_routes);
        if object["status"] != before {
            object["metadata"]["resourceVersion"] = json!(self.next());
        }
        let object = object.clone();
        if object["metadata"]["deletionTimestamp"].is_string() && !self.is_stuck.get() {
            let looks = self.looks.get() + 1;
            self.looks.set(looks);
            if looks.is_multiple_of(3) {
                objects.retain(|at, _| at != path && !at.starts_with(&format!("{path}/")));
                self.log.borrow_mut().push(format!("delete {path}"));
            }
        }
        Ok(object)
    }

    fn delete(&self, path: &str, body: &Value) -> Result<Value, KubeError> {
        let mut objects = self.objects.borrow_mut();
        let object = objects.get_mut(path).ok_or_else(none)?;
        if object["metadata"]["uid"] != body["preconditions"]["uid"] {
            return Err(refuse(409, "Conflict", "the UID in the precondition does not match"));
        }
        // The simulated controllers complete at the third read. Until then, an object with finalizers remains.
        if object["metadata"]["finalizers"].is_array() || object["kind"] == "Namespace" {
            object["metadata"]["deletionTimestamp"] = json!("2026-11-21T00:00:00Z");
            self.log.borrow_mut().push(format!("finalize {path}"));
            return Ok(object.clone());
        }
        objects.remove(path);
        self.log.borrow_mut().push(format!("delete {path}"));
        Ok(json!({ "kind": "Status", "status": "Success" }))
    }

    fn next(&self) -> String {
        self.version.set(self.version.get() + 1);
        self.version.get().to_string()
    }

    fn now(&self) -> String {
        timestamp(1_795_242_600 + u64::from(self.n_calls.get()))
    }

    /// Changes an object with another field manager, which then owns the changed fields.
    pub fn edit(&self, path: &str, manager: &str, change: impl FnOnce(&mut Value)) {
        self.edit_as(path, json!({ "manager": manager, "operation": "Update" }), change);
    }

    /// Changes an object with another operation or subresource.
    pub fn edit_as(&self, path: &str, writer: Value, change: impl FnOnce(&mut Value)) {
        let mut objects = self.objects.borrow_mut();
        let object = objects.get_mut(path).unwrap();
        let before = leaves(object);
        change(object);
        let after = leaves(object);
        let written: BTreeSet<Path> = after
            .iter()
            .filter(|(path, value)| before.get(*path) != Some(value))
            .map(|(path, _)| path.clone())
            .collect();
        let mut rows = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
        let is_his = |row: &Value| row["manager"] == writer["manager"] && row["subresource"] == writer["subresource"];
        let mut his: BTreeSet<Path> =
            rows.iter().filter(|row| is_his(row)).flat_map(|row| paths(&row["fieldsV1"])).collect();
        his.extend(written.iter().cloned());
        rows.retain(|row| !is_his(row));
        for row in &mut rows {
            let kept = paths(&row["fieldsV1"]).into_iter().filter(|it| after.contains_key(it) && !written.contains(it));
            row["fieldsV1"] = fields(&kept.collect());
        }
        his.retain(|path| after.contains_key(path));
        if !his.is_empty() {
            let mut row = writer;
            row["apiVersion"] = object["apiVersion"].clone();
            row["time"] = json!(self.now());
            row["fieldsV1"] = fields(&his);
            rows.push(row);
        }
        object["metadata"]["managedFields"] = json!(rows);
        object["metadata"]["resourceVersion"] = json!(self.next());
    }

    fn apply(&self, path: &str, query: &str, body: &Value) -> Result<Value, KubeError> {
        let (force, is_dry) = (query.contains("force=true"), query.contains("dryRun=All"));
        if is_dry && self.no_dry_run.get() {
            return Err(refuse(403, "Forbidden", "User \"ann\" cannot patch resource"));
        }
        if let Some((code, text)) =
            self.refusals.borrow().iter().find(|(end, _)| path.ends_with(*end)).map(|(_, it)| *it)
        {
            return Err(refuse(code, "Invalid", text));
        }
        let mut objects = self.objects.borrow_mut();
        let namespace = path.split_once("/namespaces/").and_then(|(_, rest)| rest.split_once('/')).map(|(it, _)| it);
        if namespace.is_some_and(|it| it != "kube-system" && !objects.contains_key(&format!("/api/v1/namespaces/{it}")))
        {
            return Err(refuse(404, "NotFound", "namespaces not found"));
        }
        let old = objects.get(path).cloned();
        let rows =
            old.as_ref().and_then(|old| old["metadata"]["managedFields"].as_array().cloned()).unwrap_or_default();
        let is_ours = |row: &&Value| row["manager"] == "meshsynth" && row["operation"] == "Apply";
        let ours = rows.iter().find(is_ours).cloned();
        let had = ours.as_ref().map(|row| paths(&row["fieldsV1"])).unwrap_or_default();
        let applied = leaves(body);
        let has: BTreeSet<Path> = applied.keys().cloned().collect();
        let live = old.as_ref().map(leaves).unwrap_or_default();
        // Another manager with a different value causes a conflict, or loses the field.
        let mut others: Vec<Value> = rows.iter().filter(|row| !is_ours(row)).cloned().collect();
        let mut conflict = refuse(409, "Conflict", "Apply failed with conflicts");
        for row in &mut others {
            let lost = |path: &Path| applied.get(path).is_some_and(|value| live.get(path) != Some(value));
            let (lost, kept): (BTreeSet<Path>, BTreeSet<Path>) = paths(&row["fieldsV1"]).into_iter().partition(lost);
            for path in lost {
                let field: String = path.iter().map(|step| step.replacen("f:", ".", 1)).collect();
                let text = format!("conflict with \"{}\" using apps/v1", row["manager"].as_str().unwrap());
                conflict.causes.push(("FieldManagerConflict".to_owned(), field, text));
            }
            row["fieldsV1"] = fields(&kept);
        }
        if !conflict.causes.is_empty() && !force {
            return Err(conflict);
        }
        let mut new = old.clone().unwrap_or_else(|| json!({}));
        let of_others: BTreeSet<Path> = others.iter().flat_map(|row| paths(&row["fieldsV1"])).collect();
        had.difference(&has).filter(|path| !of_others.contains(*path)).for_each(|path| remove(&mut new, path));
        merge(&mut new, body, "");
        default(&mut new);
        let is_same = old.as_ref().is_some_and(|old| leaves(old) == leaves(&new)) && had == has;
        let mut ours = ours.unwrap_or_default();
        if !is_same {
            ours = json!({
                "manager": "meshsynth", "operation": "Apply", "apiVersion": body["apiVersion"], "time": self.now(),
                "fieldsV1": fields(&has)
            });
        }
        others.retain(|row| row["fieldsV1"].as_object().is_some_and(|fields| !fields.is_empty()));
        new["metadata"]["managedFields"] = json!([vec![ours], others].concat());
        let generation = old.as_ref().and_then(|it| it["metadata"]["generation"].as_i64()).unwrap_or(0);
        let is_spec_same = old.as_ref().is_some_and(|old| old["spec"] == new["spec"]);
        new["metadata"]["generation"] = json!(if is_spec_same { generation } else { generation + 1 });
        if old.is_none() {
            new["metadata"]["uid"] = json!(format!("uid-{}", self.n_calls.get()));
        }
        if is_dry {
            return Ok(new);
        }
        if !is_same {
            self.log.borrow_mut().push(format!("apply {path}"));
            new["metadata"]["resourceVersion"] = json!(self.next());
        }
        objects.insert(path.to_owned(), new.clone());
        Ok(new)
    }

    /// Simulates the controllers between two reads.
    fn control(&self, object: &mut Value, has_routes: bool) {
        match object["kind"].as_str() {
            // Argo Rollouts reports a Rollout as invalid while one of its routes is missing.
            Some("Rollout") => {
                let generation = object["metadata"]["generation"].to_string();
                let phase = if has_routes { "Healthy" } else { "Degraded" };
                let message = "InvalidSpec: virtualservices.networking.istio.io \"orders\" not found";
                let invalid = if has_routes { json!([]) } else { json!([{ "type": "InvalidSpec", "status": "True" }]) };
                object["status"] = json!({
                    "observedGeneration": generation, "phase": phase, "message": message, "conditions": invalid
                });
            }
            Some("CustomResourceDefinition") => {
                object["status"] = json!({ "conditions": [{ "type": "Established", "status": "True" }] });
            }
            Some("Deployment") if self.old_failures.get() > 0 => {
                self.old_failures.set(self.old_failures.get() - 1);
                let message = "pods \"orders-1\" is forbidden: violates PodSecurity \"restricted:latest\"";
                object["status"] = json!({
                    "observedGeneration": object["metadata"]["generation"], "updatedReplicas": 0, "availableReplicas": 0,
                    "conditions": [{ "type": "ReplicaFailure", "status": "True", "message": message }],
                });
            }
            Some("Deployment") if !self.never_ready.get() => {
                let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
                let has = object["status"]["availableReplicas"].as_i64().unwrap_or(0);
                let generation = object["metadata"]["generation"].clone();
                let now = (has + 1).min(wanted);
                object["status"] =
                    json!({ "observedGeneration": generation, "updatedReplicas": now, "availableReplicas": now });
            }
            Some("Deployment") => {
                object["status"] = json!({ "observedGeneration": 99, "updatedReplicas": 1, "availableReplicas": 0 });
            }
            _ => {}
        }
    }

    async fn call(&self, method: &str, path: &str, query: &str, body: &Value) -> Result<Value, KubeError> {
        if self.killed_at.get().is_some_and(|at| self.n_calls.get() >= at) {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let (path, more) = path.split_once('?').unwrap_or((path, ""));
        self.handle(method, path, if query.is_empty() { more } else { query }, body)
    }

    /// Returns all objects without the fields that differ between runs.
    pub fn end_state(&self) -> BTreeMap<String, Value> {
        let mut objects = self.objects.borrow().clone();
        for object in objects.values_mut() {
            for key in ["uid", "managedFields", "resourceVersion"] {
                object["metadata"][key] = Value::Null;
            }
        }
        objects
    }
}

fn none() -> KubeError {
    refuse(404, "NotFound", "not found")
}

pub fn refuse(code: u16, reason: &str, text: &str) -> KubeError {
    KubeError { code, reason: reason.to_owned(), text: text.to_owned(), causes: Vec::new() }
}

impl Kube for Cluster {
    async fn get(&self, path: &str) -> Result<Option<Value>, KubeError> {
        match self.call("GET", path, "", &Value::Null).await {
            Err(error) if error.code == 404 => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError> {
        self.call("PATCH", path, if force { "force=true" } else { "" }, object).await
    }

    async fn try_apply(&self, path: &str, object: &Value, force: bool) -> Result<Value, KubeError> {
        self.call("PATCH", path, if force { "force=true&dryRun=All" } else { "dryRun=All" }, object).await
    }

    async fn merge(&self, path: &str, patch: &Value) -> Result<Value, KubeError> {
        self.call("MERGE", path, "", patch).await
    }

    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError> {
        self.call("POST", path, "", question).await
    }

    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError> {
        self.call("PATCH", path, "force=true&dryRun=All", object).await
    }

    async fn delete(&self, path: &str, uid: &str) -> Result<Option<Value>, KubeError> {
        match self.call("DELETE", path, "", &json!({ "preconditions": { "uid": uid } })).await {
            Err(error) if error.code == 404 => Ok(None),
            answer => answer.map(|it| Some(it).filter(|it| it["metadata"]["deletionTimestamp"].is_string())),
        }
    }
}
