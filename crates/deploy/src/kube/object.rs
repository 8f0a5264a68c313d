//! Manifests with resolved placeholders, identified by kind and name.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::api::APP_LABEL;
use crate::assembly::Assembly;
use crate::plan::ClusterStep;

/// A manifest that can be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The wave of the object, such as `40-workloads`.
    pub wave: String,
    /// The manifest.
    pub body: Value,
    /// The path in the program.
    pub construct: String,
    /// The line in the user's program.
    pub source: String,
}

/// A kind that an API server serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) is_namespaced: bool,
}

impl Object {
    /// Returns the text at a path, or an empty text if there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        self.body.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the kind.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Returns the namespace, or an empty text if there is none.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Returns the name, with the namespace as a prefix if there is one.
    pub fn full_name(&self) -> String {
        match self.namespace() {
            "" => self.name().to_owned(),
            namespace => format!("{namespace}/{}", self.name()),
        }
    }

    /// Returns the display name.
    pub fn called(&self) -> String {
        format!("{} `{}`", self.kind(), self.full_name())
    }

    /// Returns the inventory entry.
    pub fn row(&self) -> String {
        [self.text("/apiVersion"), self.kind(), self.namespace(), self.name()].join("|")
    }

    /// Creates an object that belongs to no assembly.
    pub fn of_body(body: Value) -> Self {
        Self { wave: String::new(), body, construct: String::new(), source: String::new() }
    }

    /// Parses an inventory entry into an object without contents.
    pub fn of_row(row: &str) -> Option<Self> {
        let [version, kind, namespace, name] = row.split('|').collect::<Vec<_>>()[..] else { return None };
        let mut body = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": name } });
        if !namespace.is_empty() {
            body["metadata"]["namespace"] = json!(namespace);
        }
        check(&body).ok()?;
        Some(Self { wave: String::new(), body, construct: String::new(), source: String::new() })
    }
}

/// Checks that the identity of an object is a part of an API path. The API server rejects other names.
fn check(body: &Value) -> Result<()> {
    if !body.is_object()
        || !body["metadata"].is_object()
        || !(body["metadata"]["labels"].is_object() || body["metadata"]["labels"].is_null())
    {
        bail!("the manifest is not an object with `metadata`");
    }
    let is_bad = |it: char| it.is_control() || it.is_whitespace() || ['/', '\\', '%', '?', '#', '|'].contains(&it);
    for pointer in ["/kind", "/metadata/name", "/metadata/namespace"] {
        let text = body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        if text == "." || text == ".." || text.contains(is_bad) {
            bail!("`{pointer}` is {text:?}, which is not a valid name");
        }
    }
    let version = body["apiVersion"].as_str().unwrap_or_default();
    let is_plain =
        |part: &str| !part.is_empty() && part.chars().all(|it| it.is_ascii_alphanumeric() || ".-".contains(it));
    if version.split('/').count() > 2 || version.contains("..") || !version.split('/').all(is_plain) {
        bail!("`apiVersion` is {version:?}, which is not a valid API version");
    }
    Ok(())
}

/// Returns the manifests of a cluster in wave order, with resolved placeholders and the app label.
pub fn objects(assembly: &Assembly, step: &ClusterStep, values: &BTreeMap<String, String>) -> Result<Vec<Object>> {
    let cluster = assembly.manifest.clusters.iter().find(|cluster| cluster.id == step.id);
    let cluster = cluster.context("the plan and the assembly describe the same cluster")?;
    let mut out = Vec::new();
    for (wave, path) in step.waves.iter().flat_map(|wave| wave.objects.iter().map(move |path| (&wave.name, path))) {
        let mut body = assembly.document(path)?;
        fill(&mut body, values);
        check(&body).with_context(|| format!("`{path}`"))?;
        body["metadata"]["labels"][APP_LABEL] = json!(assembly.manifest.app);
        let row = cluster.objects.iter().find(|object| object.path == *path);
        out.push(Object {
            wave: wave.clone(),
            body,
            construct: row.map(|row| row.construct.clone()).unwrap_or_default(),
            source: row.map(|row| row.source.clone()).unwrap_or_default(),
        });
    }
    Ok(out)
}

/// Replaces all placeholders in the texts of a value.
pub fn fill(value: &mut Value, values: &BTreeMap<String, String>) {
    match value {
        Value::String(text) if text.contains("${") => {
            // Replace from left to right, so that a value that looks like a placeholder remains unchanged.
            let (mut out, mut rest) = (String::new(), text.as_str());
            while let Some(idx) = rest.find("${") {
                out.push_str(&rest[..idx]);
                rest = &rest[idx..];
                let key = rest.find('}').map(|end| &rest[..=end]).filter(|key| values.contains_key(*key));
                let (text, len) = key.map_or(("${", 2), |key| (values[key].as_str(), key.len()));
                out.push_str(text);
                rest = &rest[len..];
            }
            out.push_str(rest);
            *text = out;
        }
        Value::Array(items) => {
            *items = std::mem::take(items).into_iter().flat_map(|item| filled(item, values)).collect();
        }
        Value::Object(map) => map.values_mut().for_each(|item| fill(item, values)),
        _ => {}
    }
}

/// Replaces values by their placeholders, which name resources of the platform. A short value can occur by chance, so
/// it must be the whole text.
pub(super) fn unfill(value: &mut Value, values: &BTreeMap<String, String>) {
    const SPECIFIC: usize = 12;
    match value {
        Value::String(text) => {
            // A longer value can contain a shorter one.
            let mut known: Vec<(&String, &String)> =
                values.iter().filter(|(key, it)| it.len() > 3 && !key.ends_with("[]}")).collect();
            known.sort_by_key(|(key, it)| (std::cmp::Reverse(it.len()), key.as_str()));
            if let Some((key, _)) = known.iter().find(|(_, it)| *it == text) {
                text.clone_from(key);
                return;
            }
            for (key, it) in known.iter().filter(|(_, it)| it.len() >= SPECIFIC) {
                if text.contains(it.as_str()) && !text.contains("${") {
                    *text = text.replace(it.as_str(), key);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| unfill(item, values)),
        Value::Object(map) => map.values_mut().for_each(|item| unfill(item, values)),
        _ => {}
    }
}

/// Resolves a list item. A placeholder for a list is replaced by all items of that list.
fn filled(mut item: Value, values: &BTreeMap<String, String>) -> Vec<Value> {
    let list = item.as_str().filter(|text| text.ends_with("[]}")).and_then(|key| values.get(key));
    if let Some(list) = list {
        return list.split(SEPARATOR).map(Value::from).collect();
    }
    fill(&mut item, values);
    vec![item]
}

/// The separator of list items in an output. `bindings.json` contains it as `separator`.
const SEPARATOR: &str = "||";

/// Returns a condition in the status of an object.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|it| it["type"] == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_placeholders_once_and_keeps_other_text() {
        let values = [("${a.B}".to_owned(), "x${c.D}".to_owned()), ("${c.D}".to_owned(), "y".to_owned())].into();
        let mut value =
            json!({ "one": "r://${a.B}:1/${c.D}", "two": ["${HOME}", "$", "${", 7], "three": "${c.D}${c.D" });
        fill(&mut value, &values);
        assert_eq!(value, json!({ "one": "r://x${c.D}:1/y", "two": ["${HOME}", "$", "${", 7], "three": "y${c.D" }));
    }

    #[test]
    fn replaces_list_placeholder_by_its_items() {
        let values = [("${a.List[]}".to_owned(), "x||y".to_owned()), ("${a.B}".to_owned(), "1||2".to_owned())].into();
        let mut value = json!({ "hosts": ["first", "${a.List[]}", "${a.B}"], "text": "${a.B}" });
        fill(&mut value, &values);
        assert_eq!(value, json!({ "hosts": ["first", "x", "y", "1||2"], "text": "1||2" }));
    }

    #[test]
    fn inventory_entry_identifies_object() {
        let row = "apps/v1|Deployment|shop|orders";
        let object = Object::of_row(row).unwrap();
        assert_eq!((object.row().as_str(), object.called().as_str()), (row, "Deployment `shop/orders`"));
        assert_eq!(Object::of_row("v1|Namespace||shop").unwrap().called(), "Namespace `shop`");
        assert_eq!(Object::of_row("nonsense"), None);
    }
}
