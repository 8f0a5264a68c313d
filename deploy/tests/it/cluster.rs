//! An API server in memory: server-side apply with managers, kinds that are served once their CRD is, controllers.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use meshsynth_deploy::kube::{Kube, KubeError};
use serde_json::{Value, json};

/// What the server knows.
#[derive(Default)]
pub struct Cluster {
    /// Objects by path.
    pub objects: RefCell<BTreeMap<String, Value>>,
    /// Who manages an object besides us: fields by path.
    pub foreign: RefCell<BTreeMap<String, (String, String)>>,
    /// Answers to the application of an object, by the end of its path.
    pub refusals: RefCell<BTreeMap<String, (u16, &'static str)>>,
    /// What pods there are.
    pub pods: RefCell<Vec<Value>>,
    /// Whether workloads become ready.
    pub never_ready: Cell<bool>,
    /// What we may do, as `verb group/resource namespace`; none for everything.
    pub allowed: RefCell<Option<Vec<&'static str>>>,
    /// Whether finalizers are never done.
    pub is_stuck: Cell<bool>,
    /// How often somebody looked at what is being deleted.
    pub looks: Cell<u32>,
    /// All changes, in order.
    pub log: RefCell<Vec<String>>,
    /// The process is killed at this call; none for never.
    pub killed_at: Cell<Option<u32>>,
    pub n_calls: Cell<u32>,
}

const CORE: [(&str, &str, bool); 5] = [
    ("Namespace", "namespaces", false),
    ("ConfigMap", "configmaps", true),
    ("PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("Pod", "pods", true),
    ("Service", "services", true),
];

impl Cluster {
    fn served(&self, root: &str) -> Value {
        let row = |(kind, name, namespaced): &(&str, &str, bool)| json!({ "kind": kind, "name": name, "namespaced": namespaced });
        let rows: Vec<Value> = match root {
            "/api/v1" => CORE.iter().map(row).collect(),
            "/apis/apps/v1" => {
                vec![row(&("Deployment", "deployments", true)), row(&("Deployment", "deployments/status", true))]
            }
            "/apis/autoscaling/v2" => vec![row(&("HorizontalPodAutoscaler", "horizontalpodautoscalers", true))],
            "/apis/apiextensions.k8s.io/v1" => {
                vec![row(&("CustomResourceDefinition", "customresourcedefinitions", false))]
            }
            "/apis/example.com/v1"
                if self.objects.borrow().keys().any(|path| path.ends_with("/things.example.com")) =>
            {
                vec![row(&("Thing", "things", true))]
            }
            _ => return Value::Null,
        };
        json!({ "kind": "APIResourceList", "resources": rows })
    }

    /// Answers a request.
    pub fn handle(&self, method: &str, path: &str, query: &str, body: &Value) -> Result<Value, KubeError> {
        self.n_calls.set(self.n_calls.get() + 1);
        let none = || refuse(404, "NotFound", "not found");
        match method {
            "GET" if path == "/version" => Ok(json!({ "gitVersion": "v1.36.2-eks-1a2b3c4" })),
            "POST" => {
                let wish = &body["spec"]["resourceAttributes"];
                let text = |key: &str| wish[key].as_str().unwrap_or_default();
                let row = format!("{} {}/{} {}", text("verb"), text("group"), text("resource"), text("namespace"));
                let allowed = self.allowed.borrow();
                let is_allowed = allowed.as_ref().is_none_or(|rows| rows.contains(&row.trim_end()));
                Ok(json!({ "status": { "allowed": is_allowed } }))
            }
            "GET" if path.ends_with("/pods") => Ok(json!({ "items": *self.pods.borrow() })),
            "GET" if path.split('/').count() <= 4 && !self.served(path).is_null() => Ok(self.served(path)),
            "GET" => {
                let mut objects = self.objects.borrow_mut();
                let object = objects.get_mut(path).ok_or_else(none)?;
                self.control(object);
                let object = object.clone();
                if object["metadata"]["deletionTimestamp"].is_string() && !self.is_stuck.get() {
                    let looks = self.looks.get() + 1;
                    self.looks.set(looks);
                    if looks.is_multiple_of(3) {
                        objects.remove(path);
                        self.log.borrow_mut().push(format!("delete {path}"));
                    }
                }
                Ok(object)
            }
            "DELETE" => {
                let mut objects = self.objects.borrow_mut();
                let uid = &objects.get(path).ok_or_else(none)?["metadata"]["uid"];
                if *uid != body["preconditions"]["uid"] {
                    return Err(refuse(409, "Conflict", "the UID in the precondition does not match"));
                }
                let object = objects.get_mut(path).unwrap();
                // What has finalizers stays until their controllers have done their work, at the third look.
                if object["metadata"]["finalizers"].is_array() {
                    object["metadata"]["deletionTimestamp"] = json!("2026-11-21T00:00:00Z");
                    self.log.borrow_mut().push(format!("finalize {path}"));
                    return Ok(json!({}));
                }
                objects.remove(path);
                self.log.borrow_mut().push(format!("delete {path}"));
                Ok(json!({}))
            }
            _ => self.apply(path, query, body),
        }
    }

    /// Somebody else writes fields of an object: those are his from then on.
    pub fn edit(&self, path: &str, manager: &str, change: impl FnOnce(&mut Value), fields: &Value) {
        let mut objects = self.objects.borrow_mut();
        let object = objects.get_mut(path).unwrap();
        change(object);
        let managers = object["metadata"]["managedFields"].as_array_mut().unwrap();
        managers.iter_mut().for_each(|it| without(&mut it["fieldsV1"], fields));
        managers.push(json!({ "manager": manager, "operation": "Update", "fieldsV1": fields }));
    }

    fn apply(&self, path: &str, query: &str, body: &Value) -> Result<Value, KubeError> {
        let (force, is_dry) = (query.contains("force=true"), query.contains("dryRun=All"));
        if let Some((code, text)) =
            self.refusals.borrow().iter().find(|(end, _)| path.ends_with(*end)).map(|(_, it)| *it)
        {
            return Err(refuse(code, "Invalid", text));
        }
        if let Some((field, manager)) = self.foreign.borrow().get(path).filter(|_| !force) {
            let mut error = refuse(409, "Conflict", "Apply failed with 1 conflict");
            let text = format!("conflict with \"{manager}\" using apps/v1");
            error.causes.push(("FieldManagerConflict".to_owned(), field.clone(), text));
            return Err(error);
        }
        let mut objects = self.objects.borrow_mut();
        let old = objects.get(path).cloned();
        let mut new = body.clone();
        let ours = json!({ "manager": "meshsynth", "operation": "Apply", "apiVersion": body["apiVersion"], "fieldsV1": fields(body) });
        new["metadata"]["managedFields"] = json!([ours]);
        // Fields of others that we do not name stay as they are.
        for other in old.iter().flat_map(|old| old["metadata"]["managedFields"].as_array().into_iter().flatten()) {
            if other["manager"] != "meshsynth" {
                let mut kept = other.clone();
                without(&mut kept["fieldsV1"], &ours["fieldsV1"]);
                new["metadata"]["managedFields"].as_array_mut().unwrap().push(kept);
            }
        }
        let meta = |key: &str| old.as_ref().map(|old| old["metadata"][key].clone());
        let is_same = old.as_ref().is_some_and(|old| {
            old["spec"] == body["spec"]
                || body["spec"]["replicas"].is_null() && old["spec"]["template"] == body["spec"]["template"]
        });
        let generation = meta("generation").and_then(|it| it.as_i64()).unwrap_or(0);
        new["metadata"]["generation"] = json!(if is_same { generation } else { generation + 1 });
        new["metadata"]["uid"] = meta("uid").unwrap_or_else(|| json!(format!("uid-{}", self.n_calls.get())));
        if let Some(old) = &old {
            new["status"] = old["status"].clone();
            if body["spec"]["replicas"].is_null() && !old["spec"]["replicas"].is_null() {
                new["spec"]["replicas"] = old["spec"]["replicas"].clone();
            }
        }
        if is_dry {
            return Ok(new);
        }
        let is_changed = old.as_ref().is_none_or(|old| old["spec"] != new["spec"] || old["data"] != new["data"]);
        if is_changed {
            self.log.borrow_mut().push(format!("apply {path}"));
        }
        objects.insert(path.to_owned(), new.clone());
        Ok(new)
    }

    /// What controllers do between two looks.
    fn control(&self, object: &mut Value) {
        match object["kind"].as_str() {
            Some("CustomResourceDefinition") => {
                object["status"] = json!({ "conditions": [{ "type": "Established", "status": "True" }] });
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
        let path = path.split('?').next().unwrap();
        self.handle(method, path, query, body)
    }

    /// Everything that is there, without what differs between runs.
    pub fn end_state(&self) -> BTreeMap<String, Value> {
        let mut objects = self.objects.borrow().clone();
        for object in objects.values_mut() {
            object["metadata"]["uid"] = Value::Null;
            object["metadata"]["managedFields"] = Value::Null;
        }
        objects
    }
}

/// The fields of what is applied, as an API server writes them down; a list is one field.
fn fields(value: &Value) -> Value {
    let Some(map) = value.as_object() else { return json!({}) };
    let rows = map.iter().filter(|(key, _)| !["apiVersion", "kind", "name", "namespace"].contains(&key.as_str()));
    Value::Object(rows.map(|(key, value)| (format!("f:{key}"), fields(value))).collect())
}

/// Takes fields away from a manager.
fn without(fields: &mut Value, gone: &Value) {
    let Some(map) = fields.as_object_mut() else { return };
    map.retain(|key, value| match gone.get(key) {
        Some(gone) if gone.as_object().is_some_and(|gone| !gone.is_empty()) => {
            without(value, gone);
            value.as_object().is_none_or(|left| !left.is_empty())
        }
        found => found.is_none(),
    });
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

    async fn ask(&self, path: &str, question: &Value) -> Result<Value, KubeError> {
        self.call("POST", path, "", question).await
    }

    async fn would_apply(&self, path: &str, object: &Value) -> Result<Value, KubeError> {
        self.call("PATCH", path, "force=true&dryRun=All", object).await
    }

    async fn delete(&self, path: &str, uid: &str) -> Result<(), KubeError> {
        match self.call("DELETE", path, "", &json!({ "preconditions": { "uid": uid } })).await {
            Err(error) if error.code == 404 => Ok(()),
            answer => answer.map(|_| ()),
        }
    }
}
