//! Reads the facts about Kubernetes kinds.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// A module of `crates/kube/src/`.
pub struct Module {
    /// Its name, such as `apps`.
    pub name: String,
    /// The sources of its facts.
    pub sources: Vec<String>,
    /// Its kinds, sorted.
    pub kinds: Vec<Kind>,
    /// Its definitions by short name, sorted.
    pub definitions: Vec<(String, Value)>,
}

/// A kind.
pub struct Kind {
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its name.
    pub name: String,
    /// The wave in which its objects are applied.
    pub wave: String,
    /// Whether it is namespaced.
    pub namespaced: bool,
    /// Its reduced schema.
    pub schema: Value,
}

/// A root of the types of a unit.
pub enum Root<'a> {
    /// A kind.
    Kind(&'a Kind),
    /// A definition with its short name.
    Definition(&'a str, &'a Value),
}

/// Returns the modules, sorted by name.
pub fn load(root: &Path) -> Result<Vec<Module>> {
    let folder = root.join("crates/facts/schema/kubernetes");
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        paths.extend(path.extension().is_some_and(|known| known == "jsonl").then_some(path));
    }
    paths.sort();
    paths.iter().map(|path| module(path)).collect()
}

fn module(path: &Path) -> Result<Module> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut module = Module { name, sources: Vec::new(), kinds: Vec::new(), definitions: Vec::new() };
    for line in fs::read_to_string(path)?.lines() {
        let mut line: Value = serde_json::from_str(line).with_context(|| format!("in {}", path.display()))?;
        let schema = line["schema"].take();
        let text = |key: &str| line[key].as_str().map(str::to_owned);
        if let Some(name) = text("definition") {
            let short = name.split_once('.').map_or(name.as_str(), |(_, short)| short);
            module.definitions.push((short.to_owned(), schema));
        } else if let (Some(api_version), Some(name)) = (text("apiVersion"), text("kind")) {
            let namespaced = line["namespaced"] == true;
            let wave = text("wave").with_context(|| format!("`{name}` has no wave"))?;
            module.kinds.push(Kind { api_version, name, wave, namespaced, schema });
        } else {
            let sources = line["sources"].as_array().into_iter().flatten();
            module.sources.extend(sources.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    Ok(module)
}

impl Module {
    /// Returns the units. A module with named definitions is one unit. In other modules, each kind is a unit.
    pub fn units(&self) -> Vec<(Option<&str>, Vec<Root<'_>>)> {
        if self.definitions.is_empty() {
            return self.kinds.iter().map(|kind| (Some(kind.name.as_str()), vec![Root::Kind(kind)])).collect();
        }
        let kinds = self.kinds.iter().map(Root::Kind);
        let definitions = self.definitions.iter().map(|(name, schema)| Root::Definition(name, schema));
        vec![(None, kinds.chain(definitions).collect())]
    }
}

/// Returns the properties of a schema.
pub fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// Whether a property is required.
pub fn is_required(schema: &Value, key: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|keys| keys.iter().any(|known| known == key))
}
