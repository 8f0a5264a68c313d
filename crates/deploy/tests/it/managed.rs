//! Field ownership of the simulated API server: sets of paths, the form `fieldsV1`, and the merge of an apply.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

pub type Path = Vec<String>;

/// The identification of list items.
pub enum List {
    Keyed(Vec<&'static str>),
    Set,
    Atomic,
}

/// Returns the list type in the schema of a list name.
pub fn list(name: &str, items: &[Value]) -> List {
    let all = |key: &str| items.iter().all(|it| !it[key].is_null());
    match name {
        "containers" | "initContainers" | "env" | "volumes" | "webhooks" if all("name") => List::Keyed(vec!["name"]),
        "ports" if all("containerPort") => List::Keyed(vec!["containerPort", "protocol"]),
        "ports" if all("port") => List::Keyed(vec!["port", "protocol"]),
        "finalizers" => List::Set,
        _ => List::Atomic,
    }
}

fn is_atomic_map(name: &str) -> bool {
    ["labelSelector", "nodeSelector", "selector"].contains(&name)
}

/// Returns the key of an item. The default protocol is TCP.
pub fn key(keys: &[&'static str], item: &Value) -> String {
    let pair = |key: &&str| {
        let value = if item[*key].is_null() && *key == "protocol" { json!("TCP") } else { item[*key].clone() };
        ((*key).to_owned(), value)
    };
    format!("k:{}", Value::Object(keys.iter().map(pair).collect()))
}

/// Returns the leaves of an object, by path.
pub fn leaves(object: &Value) -> BTreeMap<Path, Value> {
    let mut out = BTreeMap::new();
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.retain(|key, _| !["apiVersion", "kind", "status"].contains(&key.as_str()));
    }
    if let Some(meta) = object["metadata"].as_object_mut() {
        let ours = ["annotations", "finalizers", "labels", "ownerReferences"];
        meta.retain(|key, _| ours.contains(&key.as_str()));
    }
    collect(&object, "", &mut Vec::new(), &mut out);
    out
}

fn collect(value: &Value, name: &str, at: &mut Path, out: &mut BTreeMap<Path, Value>) {
    match value {
        Value::Object(map) if at.is_empty() || (!map.is_empty() && !is_atomic_map(name)) => {
            for (key, value) in map {
                at.push(format!("f:{key}"));
                collect(value, key, at, out);
                at.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => match list(name, items) {
            List::Keyed(keys) => {
                for item in items {
                    at.push(key(&keys, item));
                    out.insert([at.as_slice(), &[".".to_owned()]].concat(), Value::Null);
                    collect(item, "item", at, out);
                    at.pop();
                }
            }
            List::Set => {
                for item in items {
                    out.insert([at.as_slice(), &[format!("v:{item}")]].concat(), item.clone());
                }
            }
            List::Atomic => drop(out.insert(at.clone(), value.clone())),
        },
        leaf => drop(out.insert(at.clone(), leaf.clone())),
    }
}

/// Returns the paths in `fieldsV1`.
pub fn paths(fields: &Value) -> BTreeSet<Path> {
    fn walk(fields: &Map<String, Value>, at: &mut Path, out: &mut BTreeSet<Path>) {
        for (key, inner) in fields {
            at.push(key.clone());
            match inner.as_object().filter(|inner| !inner.is_empty()) {
                Some(inner) => walk(inner, at, out),
                None => drop(out.insert(at.clone())),
            }
            at.pop();
        }
    }
    let mut out = BTreeSet::new();
    fields.as_object().into_iter().for_each(|fields| walk(fields, &mut Vec::new(), &mut out));
    out
}

/// Converts paths into the form `fieldsV1`.
pub fn fields(paths: &BTreeSet<Path>) -> Value {
    let mut out = json!({});
    for path in paths {
        let mut at = &mut out;
        for step in path {
            at = at.as_object_mut().unwrap().entry(step.clone()).or_insert_with(|| json!({}));
        }
    }
    out
}

/// Merges an applied value into a stored value.
pub fn merge(old: &mut Value, new: &Value, name: &str) {
    match (&mut *old, new) {
        (Value::Object(old), Value::Object(new)) if !is_atomic_map(name) => {
            for (key, value) in new {
                merge(old.entry(key.clone()).or_insert(Value::Null), value, key);
            }
        }
        (Value::Array(items), Value::Array(new)) => match list(name, new) {
            List::Keyed(keys) => {
                for item in new {
                    match items.iter_mut().find(|it| key(&keys, it) == key(&keys, item)) {
                        Some(it) => merge(it, item, "item"),
                        None => items.push(item.clone()),
                    }
                }
            }
            List::Set => {
                let more: Vec<Value> = new.iter().filter(|it| !items.contains(it)).cloned().collect();
                items.extend(more);
            }
            List::Atomic => *old = json!(new),
        },
        _ => *old = new.clone(),
    }
}

/// Removes a leaf, and the maps and lists that are then empty.
pub fn remove(value: &mut Value, path: &[String]) {
    let [step, rest @ ..] = path else { return };
    match (step.split_at(2.min(step.len())), value) {
        (("f:", key), Value::Object(map)) => {
            if rest.is_empty() {
                map.remove(key);
            } else if let Some(inner) = map.get_mut(key) {
                remove(inner, rest);
                if inner.as_object().is_some_and(Map::is_empty) || inner.as_array().is_some_and(Vec::is_empty) {
                    map.remove(key);
                }
            }
        }
        (("k:", keys), Value::Array(items)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap();
            let is_it = |item: &Value| {
                keys.iter().all(|(key, value)| item[key] == *value || (item[key].is_null() && *value == "TCP"))
            };
            if rest == [".".to_owned()] {
                items.retain(|item| !is_it(item));
            } else if let Some(item) = items.iter_mut().find(|item| is_it(item)) {
                remove(item, rest);
            }
        }
        (("v:", text), Value::Array(items)) => {
            items.retain(|item| serde_json::from_str::<Value>(text).is_ok_and(|it| it != *item))
        }
        _ => {}
    }
}

/// Writes the defaults of some kinds. No manager owns them.
pub fn default(object: &mut Value) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let entry = |value: &mut Value, key: &str, default: Value| {
        if let Some(map) = value.as_object_mut() {
            map.entry(key.to_owned()).or_insert(default);
        }
    };
    match kind.as_str() {
        "Service" => {
            if let Some(spec) = object.pointer_mut("/spec") {
                entry(spec, "sessionAffinity", json!("None"));
            }
            each(object, "/spec/ports", |port| entry(port, "protocol", json!("TCP")));
        }
        "Deployment" => {
            if let Some(spec) = object.pointer_mut("/spec") {
                entry(spec, "progressDeadlineSeconds", json!(600));
            }
            each(object, "/spec/template/spec/containers", |container| {
                entry(container, "imagePullPolicy", json!("IfNotPresent"));
                each(container, "/ports", |port| entry(port, "protocol", json!("TCP")));
            });
        }
        // A default of a CRD in an atomic list.
        "Thing" => each(object, "/spec/data", |item| entry(item, "decoding", json!("None"))),
        _ => {}
    }
}

fn each(object: &mut Value, list: &str, work: impl Fn(&mut Value)) {
    object.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten().for_each(work);
}
