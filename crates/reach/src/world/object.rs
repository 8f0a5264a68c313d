//! Clusters and their objects.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::kubernetes::Labels;
use serde_json::Value;

use super::at::At;

/// A cluster with its objects.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// The id, which is the name of its folder.
    pub id: String,
    /// The name in AWS; empty if unknown.
    pub name: String,
    /// The account; empty if unknown.
    pub account: String,
    /// The region; empty if unknown.
    pub region: String,
    /// The objects.
    pub objects: Vec<Object>,
    /// The installed charts. Only their names are known.
    pub releases: Vec<Release>,
    /// The labels of its namespaces, including the label that every namespace has.
    pub namespaces: BTreeMap<String, Labels>,
    /// The namespaces without an object. Their other labels are unknown.
    pub open_namespaces: BTreeSet<String>,
}

/// An installed chart.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// The name.
    pub name: String,
    /// The chart.
    pub chart: String,
    /// The namespace.
    pub namespace: String,
    /// The values as specified.
    pub values: Value,
    /// The source location.
    pub at: At,
}

/// A Kubernetes object.
#[derive(Clone, Debug)]
pub struct Object {
    /// The kind, such as `NetworkPolicy`.
    pub kind: String,
    /// The API group, such as `networking.k8s.io`; empty for the core group.
    pub group: String,
    /// The namespace; `default` if it is not set.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The document as written.
    pub document: Value,
    /// The source location.
    pub at: At,
}

impl Object {
    /// Parses an object, or returns `None` if it has no kind.
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

    /// Parses an object, or the objects of a list.
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

    /// Returns the displayed name, such as `NetworkPolicy shop/default-deny`.
    pub fn title(&self) -> String {
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }

    /// Returns the labels.
    pub fn labels(&self) -> Labels {
        labels(&self.document["metadata"]["labels"])
    }
}

/// Parses a map of labels.
pub fn labels(value: &Value) -> Labels {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}
