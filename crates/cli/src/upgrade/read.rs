//! Reads the platform: an assembly, or the files of any tool.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_assembly::is_assembly;
use meshsynth_diff::side::{Side, unreadable};
use meshsynth_diff::texts::Texts;
use serde_json::{Value, json};

use crate::yaml::{self, Marked};
use meshsynth_check::sources::render::Render;
use meshsynth_check::sources::{Estate, Given, Options};

/// The name of the cluster of plain manifests.
const CLUSTER: &str = "cluster";

/// A platform, and the positions of its values.
pub struct Input {
    /// The platform.
    pub side: Side,
    /// The files that could not be read, with reasons.
    pub unread: Vec<String>,
    /// The file of each document, and its positions.
    documents: BTreeMap<String, (String, Marked)>,
}

impl Input {
    /// Returns the file, line and column of a value in a document. Values of an assembly have no position.
    pub fn located(&self, document: &str, path: &str) -> Option<String> {
        let (file, document) = self.documents.get(document)?;
        let (line, column) = document.find(path)?;
        Some(format!("{file}:{line}:{column}"))
    }
}

/// Reads a platform.
pub fn input(path: &Path, charts: Option<Render<'_>>) -> Result<Input> {
    if path.is_dir() && is_assembly(path) {
        let label = format!("`{}`", path.display());
        let side = Texts::read(path, label.clone(), None).and_then(Side::new);
        let side = side.map_err(|error| unreadable(&label, &error))?;
        return Ok(Input { side, unread: Vec::new(), documents: BTreeMap::new() });
    }
    let options = Options { render: charts, ..Options::default() };
    let estate = Estate::read(&Given::Path(path.to_owned()), &options)?;
    let root = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let name = |file: &str| Estate::path(root, file).replace('\\', "/");
    let mut side = Side::empty(path.display().to_string(), &path.display().to_string());
    let (mut stacks, mut objects) = (Vec::new(), Vec::new());
    let mut documents = BTreeMap::new();
    for stack in &estate.stacks {
        let file = name(&stack.file);
        let document = yaml::json(&stack.document.literal());
        let row = |id: &String| {
            let (line, column) = stack.document.place(&format!("Resources.{id}"));
            (id.clone(), json!({ "source": format!("{file}:{line}:{column}") }))
        };
        let ids = document["Resources"].as_object().into_iter().flatten().map(|(id, _)| id);
        let rows: serde_json::Map<String, Value> = ids.map(row).collect();
        stacks.push(json!({
            "id": file, "name": stack.name, "account": stack.account,
            "region": stack.region.clone().unwrap_or_default(), "template": file, "resources": rows,
        }));
        side.add(&file, document.to_string(), document);
        documents.insert(file.clone(), (file, stack.document.clone()));
    }
    for (at, object) in estate.objects.iter().enumerate() {
        let file = name(&object.file);
        let mut document = yaml::json(&object.document.literal());
        if let (Some(namespace), Some(metadata)) = (&object.namespace, document["metadata"].as_object_mut()) {
            metadata.entry("namespace").or_insert_with(|| namespace.clone().into());
        }
        let source = match &object.origin {
            Some(origin) => Estate::path(root, origin).to_owned(),
            None => format!("{file}:{}", object.document.line),
        };
        let path = format!("{file}#{at}");
        objects.push(json!({ "path": path, "kind": document["kind"], "source": source }));
        side.add(&path, document.to_string(), document);
        if object.origin.is_none() {
            documents.insert(path, (file, object.document.clone()));
        }
    }
    let clusters = match objects.is_empty() && !has_cluster(&side, &stacks) {
        true => json!([]),
        false => json!([{ "id": CLUSTER, "name": "", "region": null, "objects": objects, "releases": [] }]),
    };
    let manifest = json!({ "app": path.display().to_string(), "stacks": stacks, "clusters": clusters, "files": [] });
    side.manifest = serde_json::from_value(manifest).context("the description of the files")?;
    let mut unread: Vec<String> =
        estate.unread.iter().map(|it| format!("{}: {}", name(&it.path.display().to_string()), it.why)).collect();
    let unrendered = [(&estate.unrendered.kustomizations, "kustomization"), (&estate.unrendered.charts, "Helm chart")];
    for (folders, kind) in unrendered {
        let line = |folder: &std::path::PathBuf| {
            format!("{}: a {kind}, which is read only with `--render`", name(&folder.display().to_string()))
        };
        unread.extend(folders.iter().map(line));
    }
    Ok(Input { side, unread, documents })
}

/// Whether a template defines an EKS cluster.
fn has_cluster(side: &Side, stacks: &[Value]) -> bool {
    let templates = stacks.iter().filter_map(|stack| stack["template"].as_str());
    templates
        .flat_map(|file| side.document(file)["Resources"].as_object().into_iter().flatten())
        .any(|(_, resource)| resource["Type"] == "AWS::EKS::Cluster")
}
