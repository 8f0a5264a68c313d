//! Custom resources: their definitions among the manifests, and the defaults of their schemas.

use std::collections::BTreeMap;

use meshsynth::facts;

use super::tree;
use crate::expressions::Tree;

/// The definitions of custom resources.
#[derive(Debug, Default)]
pub struct Definitions {
    /// The definitions by group and kind.
    all: BTreeMap<(String, String), Definition>,
}

/// The facts about a custom resource.
#[derive(Debug, Default)]
pub struct Definition {
    /// Its plural name.
    pub plural: String,
    /// Whether its objects are namespaced.
    pub is_namespaced: bool,
    /// Whether a webhook converts its versions.
    pub is_converted: bool,
    schemas: BTreeMap<String, Tree>,
}

impl Definitions {
    /// Adds a `CustomResourceDefinition`.
    pub fn add(&mut self, definition: &Tree) {
        let text = |path: &str| definition.text(path).unwrap_or_default().to_owned();
        let versions = definition.items("spec.versions").iter();
        let schema = |version: &Tree| {
            let schema = version.at("schema.openAPIV3Schema").cloned().unwrap_or_default();
            Some((version.text("name")?.to_owned(), schema))
        };
        let row = Definition {
            plural: text("spec.names.plural"),
            is_namespaced: text("spec.scope") != "Cluster",
            is_converted: text("spec.conversion.strategy") == "Webhook",
            schemas: versions.filter_map(schema).collect(),
        };
        self.all.insert((text("spec.group"), text("spec.names.kind")), row);
    }

    /// Returns the definition of a kind.
    pub fn get(&self, group: &str, kind: &str) -> Option<&Definition> {
        self.all.get(&(group.to_owned(), kind.to_owned()))
    }

    /// Returns the schema of a custom resource, or `None` for built-in kinds.
    pub fn schema(&self, api_version: &str, kind: &str) -> Option<Tree> {
        let (group, version) = api_version.split_once('/')?;
        match self.get(group, kind) {
            Some(definition) => Some(definition.schemas.get(version).cloned().unwrap_or_default()),
            None if is_of_kubernetes(group) => None,
            None => Some(facts::kubernetes_rules(api_version, kind).as_ref().map(tree).unwrap_or_default()),
        }
    }
}

impl Definition {
    /// Whether a version is served.
    pub fn has(&self, version: &str) -> bool {
        self.schemas.contains_key(version)
    }
}

/// Whether a group is built into the API server.
fn is_of_kubernetes(group: &str) -> bool {
    let is_short = !group.contains('.');
    is_short || group.ends_with(".k8s.io") && !matches!(group, "gateway.networking.k8s.io" | "snapshot.storage.k8s.io")
}

/// Sets the schema defaults of missing fields, recursively.
pub fn set_defaults(tree: &mut Tree, schema: &Tree) {
    match tree {
        Tree::Map(_) => {
            if let Some(Tree::Map(properties)) = schema.get("properties") {
                for (key, of_key) in properties {
                    if let Some(default) = of_key.get("default") {
                        tree.or_set(key, default.clone());
                    }
                    if let Some(inner) = tree.get_mut(key) {
                        set_defaults(inner, of_key);
                    }
                }
            } else if let (Some(of_all), Tree::Map(map)) = (schema.get("additionalProperties"), &mut *tree) {
                map.values_mut().for_each(|inner| set_defaults(inner, of_all));
            }
        }
        Tree::List(items) => {
            if let Some(of_item) = schema.get("items") {
                items.iter_mut().for_each(|item| set_defaults(item, of_item));
            }
        }
        _ => {}
    }
}
