//! Manifests: read, their placeholders filled, known by kind and name.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::api::APP_LABEL;
use crate::assembly::Assembly;
use crate::plan::ClusterStep;

/// A manifest that is ready to be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The wave it comes in, such as `40-workloads`.
    pub wave: String,
    /// The manifest.
    pub body: Value,
    /// Its path in the program.
    pub construct: String,
    /// The user's line.
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
    /// The text at a path; empty where there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        self.body.pointer(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its kind.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its namespace; empty where it has none.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Its name, behind its namespace if it has one.
    pub fn full_name(&self) -> String {
        match self.namespace() {
            "" => self.name().to_owned(),
            namespace => format!("{namespace}/{}", self.name()),
        }
    }

    /// How people call it.
    pub fn called(&self) -> String {
        format!("{} `{}`", self.kind(), self.full_name())
    }

    /// How the inventory calls it.
    pub fn row(&self) -> String {
        [self.text("/apiVersion"), self.kind(), self.namespace(), self.name()].join("|")
    }

    /// An object that is in no assembly.
    pub fn of_body(body: Value) -> Self {
        Self { wave: String::new(), body, construct: String::new(), source: String::new() }
    }

    /// An object that only the inventory knows.
    pub fn of_row(row: &str) -> Option<Self> {
        let [version, kind, namespace, name] = row.split('|').collect::<Vec<_>>()[..] else { return None };
        let mut body = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": name } });
        if !namespace.is_empty() {
            body["metadata"]["namespace"] = json!(namespace);
        }
        Some(Self { wave: String::new(), body, construct: String::new(), source: String::new() })
    }
}

/// The manifests of a cluster, in the order of their waves, without a placeholder and with our label.
pub fn objects(assembly: &Assembly, step: &ClusterStep, values: &BTreeMap<String, String>) -> Result<Vec<Object>> {
    let cluster = assembly.manifest.clusters.iter().find(|cluster| cluster.id == step.id);
    let cluster = cluster.context("the plan and the assembly are of one cluster")?;
    let mut out = Vec::new();
    for (wave, path) in step.waves.iter().flat_map(|wave| wave.objects.iter().map(move |path| (&wave.name, path))) {
        let mut body = assembly.document(path)?;
        fill(&mut body, values);
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

/// Puts values in the place of placeholders, wherever they stand in a text.
pub fn fill(value: &mut Value, values: &BTreeMap<String, String>) {
    match value {
        Value::String(text) if text.contains("${") => {
            // From left to right, so that a value that looks like a placeholder is left as it is.
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

/// What comes of an item of a list: as many items as there are, where it stands for all items of another list.
fn filled(mut item: Value, values: &BTreeMap<String, String>) -> Vec<Value> {
    let list = item.as_str().filter(|text| text.ends_with("[]}")).and_then(|key| values.get(key));
    if let Some(list) = list {
        return list.split(SEPARATOR).map(Value::from).collect();
    }
    fill(&mut item, values);
    vec![item]
}

/// What stands between the items of a list in an output, as `separator` in `bindings.json` says.
const SEPARATOR: &str = "||";

/// A condition in the status of an object.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|it| it["type"] == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_other_text_is_left() {
        let values = [("${a.B}".to_owned(), "x${c.D}".to_owned()), ("${c.D}".to_owned(), "y".to_owned())].into();
        let mut value =
            json!({ "one": "r://${a.B}:1/${c.D}", "two": ["${HOME}", "$", "${", 7], "three": "${c.D}${c.D" });
        fill(&mut value, &values);
        assert_eq!(value, json!({ "one": "r://x${c.D}:1/y", "two": ["${HOME}", "$", "${", 7], "three": "y${c.D" }));
    }

    #[test]
    fn a_list_takes_the_place_of_the_item_that_stands_for_it() {
        let values = [("${a.List[]}".to_owned(), "x||y".to_owned()), ("${a.B}".to_owned(), "1||2".to_owned())].into();
        let mut value = json!({ "hosts": ["first", "${a.List[]}", "${a.B}"], "text": "${a.B}" });
        fill(&mut value, &values);
        assert_eq!(value, json!({ "hosts": ["first", "x", "y", "1||2"], "text": "1||2" }));
    }

    #[test]
    fn the_inventory_knows_an_object_again() {
        let row = "apps/v1|Deployment|shop|orders";
        let object = Object::of_row(row).unwrap();
        assert_eq!((object.row().as_str(), object.called().as_str()), (row, "Deployment `shop/orders`"));
        assert_eq!(Object::of_row("v1|Namespace||shop").unwrap().called(), "Namespace `shop`");
        assert_eq!(Object::of_row("nonsense"), None);
    }
}
