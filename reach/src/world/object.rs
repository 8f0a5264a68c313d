//! Objects of clusters.

use std::collections::BTreeMap;

use meshsynth_access::kubernetes::Labels;
use serde_json::Value;

use super::at::At;

/// A cluster with its objects.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// Its id: its folder's name.
    pub id: String,
    /// Its name in AWS; empty where nobody says it.
    pub name: String,
    /// Its account; empty where nobody says it.
    pub account: String,
    /// Its region; empty where nobody says it.
    pub region: String,
    /// Its objects.
    pub objects: Vec<Object>,
    /// The charts that are installed, of which nothing is known but their names.
    pub releases: Vec<Release>,
    /// The labels of its namespaces; what a namespace has by itself included.
    pub namespaces: BTreeMap<String, Labels>,
}

/// A chart that is installed.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// The chart.
    pub chart: String,
    /// Its namespace.
    pub namespace: String,
    /// Its values, as they are given.
    pub values: Value,
    /// Where it is written.
    pub at: At,
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Such as `NetworkPolicy`.
    pub kind: String,
    /// Such as `networking.k8s.io`; empty for the core.
    pub group: String,
    /// Its namespace; `default` where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// As it is written.
    pub document: Value,
    /// Where it is written.
    pub at: At,
}

impl Object {
    /// Reads an object; none where it has no kind.
    pub fn parse(document: Value, at: At) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let kind = text(&document["kind"]);
        let version = text(&document["apiVersion"]);
        let metadata = &document["metadata"];
        let namespace = metadata["namespace"].as_str().filter(|it| !it.is_empty()).unwrap_or("default").to_owned();
        let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
        let name = text(&metadata["name"]);
        (!kind.is_empty()).then_some(Self { kind, group, namespace, name, document, at })
    }

    /// The object, or the objects of a list.
    pub fn expand(document: Value, at: &At) -> Vec<Self> {
        let is_list = document["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
        match document.get("items").and_then(Value::as_array) {
            Some(items) if is_list => {
                let kind = document["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).unwrap_or_default();
                let item = |item: &Value| {
                    let mut item = item.clone();
                    let is_typed = !kind.is_empty() && item.is_object();
                    if is_typed && item["kind"].is_null() {
                        item["kind"] = kind.into();
                    }
                    if is_typed && item["apiVersion"].is_null() {
                        item["apiVersion"] = document["apiVersion"].clone();
                    }
                    Self::expand(item, at)
                };
                items.iter().flat_map(item).collect()
            }
            _ => Self::parse(document, at.clone()).into_iter().collect(),
        }
    }

    /// What people call it: `NetworkPolicy shop/default-deny`.
    pub fn title(&self) -> String {
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }

    /// Its labels.
    pub fn labels(&self) -> Labels {
        labels(&self.document["metadata"]["labels"])
    }
}

/// A map of labels.
pub fn labels(value: &Value) -> Labels {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}
