//! One side of a comparison: an assembly with all its documents read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::assembly::{Assembly, Manifest, Stack};

/// An assembly in memory.
#[derive(Debug)]
pub struct Side {
    /// What it is, for people.
    pub label: String,
    pub manifest: Manifest,
    /// Templates, manifests and values, by path.
    pub documents: BTreeMap<String, Value>,
    /// Placeholders, and the outputs that fill them.
    pub bindings: Value,
}

impl Side {
    /// Reads an assembly with everything that its manifest names.
    pub fn read(folder: &Path, label: String) -> Result<Self> {
        let assembly = Assembly::read(folder)?;
        let mut documents = BTreeMap::new();
        for path in &assembly.manifest.files {
            documents.insert(path.clone(), document(folder, path)?);
        }
        let bindings = document(folder, "bindings.json")?;
        for stack in &assembly.manifest.stacks {
            if !documents[&stack.template]["Resources"].is_object() {
                bail!("`{}` has no `Resources`", stack.template);
            }
        }
        for object in assembly.manifest.clusters.iter().flat_map(|cluster| &cluster.objects) {
            let document = &documents[&object.path];
            if !document["kind"].is_string() || !document["metadata"]["name"].is_string() {
                bail!("`{}` is no Kubernetes object", object.path);
            }
        }
        Ok(Self { label, manifest: assembly.manifest, documents, bindings })
    }

    /// The template of a stack.
    pub fn template(&self, stack: &Stack) -> &Value {
        &self.documents[&stack.template]
    }

    /// The stack at a path in the program.
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.manifest.stacks.iter().find(|stack| stack.id == id)
    }

    /// Each stack with the resources of its template, by logical id.
    pub fn resources(&self) -> impl Iterator<Item = (&Stack, &String, &Value)> {
        self.manifest.stacks.iter().flat_map(|stack| {
            let resources = self.template(stack)["Resources"].as_object();
            resources.into_iter().flatten().map(move |(id, resource)| (stack, id, resource))
        })
    }

    /// The stack and output behind the name of an export.
    pub fn export(&self, name: &str) -> Option<(&Stack, &str, &Value)> {
        self.manifest.stacks.iter().find_map(|stack| {
            let outputs = self.template(stack)["Outputs"].as_object()?;
            let (output, value) = outputs.iter().find(|(_, output)| output["Export"]["Name"] == name)?;
            Some((stack, output.as_str(), &value["Value"]))
        })
    }
}

/// The path of a resource in the program, its logical id where that is not told.
pub fn construct<'a>(stack: &'a Stack, id: &'a str) -> &'a str {
    match stack.resources.get(id) {
        // A construct's main resource goes by the name of the construct.
        Some(row) if !row.construct.is_empty() => row.construct.trim_end_matches("/resource"),
        _ => id,
    }
}

fn document(folder: &Path, path: &str) -> Result<Value> {
    let text = fs::read_to_string(folder.join(path)).with_context(|| format!("cannot read `{path}`"))?;
    if path.ends_with(".json") {
        serde_json::from_str(&text).with_context(|| format!("`{path}` is no JSON"))
    } else {
        serde_yaml::from_str(&text).with_context(|| format!("`{path}` is no YAML"))
    }
}
