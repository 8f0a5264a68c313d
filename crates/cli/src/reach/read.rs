//! Reads the input of reachability queries.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use meshsynth::facts;
use meshsynth_assembly::deployed::{Deployed, DeployedStack};
use meshsynth_assembly::is_assembly;
use meshsynth_reach::World;
use meshsynth_reach::world::{Files, UNASKED};
use serde_json::{Value, json};

use crate::yaml;
use meshsynth_check::sources::{Estate, Given, ObjectFile, Options, StackFile};

/// Reads an assembly, a deployed state, or the files of any tool.
pub fn world(path: &Path) -> Result<World> {
    if path.is_dir() && is_assembly(path) {
        return World::read(path);
    }
    Ok(World::new(files(path)?))
}

/// Reads the same input, without assembly objects that do not affect reachability.
pub fn asked(path: &Path) -> Result<World> {
    if path.is_dir() && is_assembly(path) {
        return Ok(World::new(Files::read_but(path, &UNASKED)?));
    }
    world(path)
}

/// Reads the files of other tools, and describes their stacks and clusters like an assembly.
fn files(path: &Path) -> Result<Files> {
    let estate = Estate::read(&Given::Path(path.to_owned()), &Options::default())?;
    let deployed = if path.is_dir() { Deployed::read(path)?.unwrap_or_default() } else { Deployed::default() };
    let root = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let mut files = Files::default();
    let (mut stacks, mut clusters) = (Vec::new(), BTreeMap::new());
    for stack in &estate.stacks {
        let file = Estate::path(root, &stack.file).replace('\\', "/");
        stacks.push(template(stack, &file, &deployed, &mut files));
    }
    for object in &estate.objects {
        let file = Estate::path(root, &object.file).replace('\\', "/");
        let cluster = deployed.clusters.iter().find(|it| it.objects == file).map_or("cluster", |it| it.name.as_str());
        let rows: &mut Vec<Value> = clusters.entry(cluster.to_owned()).or_default();
        rows.push(document(object, &file, root, rows.len(), &mut files));
    }
    let cluster = |(id, objects): (String, Vec<Value>)| json!({ "id": id, "name": "", "objects": objects });
    let clusters: Vec<Value> = clusters.into_iter().map(cluster).collect();
    files.manifest = json!({ "stacks": stacks, "clusters": clusters, "files": [] });
    files.bindings = json!({});
    for unread in &estate.unread {
        let file = unread.path.display().to_string();
        files.unread.push(format!("{}: {}", Estate::path(root, &file), unread.why));
    }
    let unrendered = [(&estate.unrendered.kustomizations, "kustomization"), (&estate.unrendered.charts, "Helm chart")];
    for (folders, kind) in unrendered {
        for folder in folders {
            let name = folder.display().to_string();
            let below = if folder == path { "the folder" } else { Estate::path(root, &name) };
            files.unread.push(format!("{below}: a {kind}: render it, and analyze its output"));
        }
    }
    files.unread.extend(deployed.unread);
    Ok(files)
}

/// Adds the document of a template; returns its row.
fn template(stack: &StackFile, file: &str, deployed: &Deployed, files: &mut Files) -> Value {
    let mut document = yaml::json(&stack.document.literal());
    // If the stack name is unknown, the file path identifies the template.
    let plain = file.rsplit_once('.').map_or(file, |(id, _)| id).replace('/', "-");
    let id = if stack.is_named { stack.name.clone() } else { plain };
    if let Some(row) = deployed.stacks.iter().find(|it| it.template == file) {
        known(row, &mut document);
    }
    let row = |id: &String| {
        let (line, column) = stack.document.place(&format!("Resources.{id}"));
        (id.clone(), json!({ "source": format!("{file}:{line}:{column}"), "construct": "" }))
    };
    let ids = document["Resources"].as_object().into_iter().flatten().map(|(id, _)| id);
    let resources: serde_json::Map<String, Value> = ids.map(row).collect();
    let key = files.add(file, vec![(1, document)]);
    json!({
        "id": id, "name": stack.name, "account": stack.account.clone().unwrap_or_default(),
        "region": stack.region.clone().unwrap_or_default(), "template": key, "resources": resources,
    })
}

/// Adds the document of an object; returns its row.
fn document(object: &ObjectFile, file: &str, root: &Path, at: usize, files: &mut Files) -> Value {
    let mut document = yaml::json(&object.document.literal());
    if let (Some(namespace), Some(metadata)) = (&object.namespace, document["metadata"].as_object_mut()) {
        metadata.entry("namespace").or_insert_with(|| namespace.clone().into());
    }
    let source = match &object.origin {
        Some(origin) => Estate::path(root, origin).to_owned(),
        None => format!("{file}:{}", object.document.line),
    };
    let key = files.add(&format!("{file}#{at}"), vec![(1, document)]);
    json!({ "path": key, "source": source, "construct": "" })
}

/// Adds the parameter values and the generated names of an existing stack.
fn known(stack: &DeployedStack, document: &mut Value) {
    for (name, value) in &stack.parameters {
        let parameter = document.get_mut("Parameters").and_then(|all| all.get_mut(name)).and_then(Value::as_object_mut);
        if let Some(parameter) = parameter.filter(|_| value != "****") {
            parameter.insert("Default".to_owned(), value.clone().into());
        }
    }
    for (id, name) in &stack.resources {
        let Some(body) = document.get_mut("Resources").and_then(|all| all.get_mut(id)).and_then(Value::as_object_mut)
        else {
            continue;
        };
        let Some(property) = body["Type"].as_str().and_then(name_property) else { continue };
        let properties = body.entry("Properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.entry(property).or_insert_with(|| name.clone().into());
        }
    }
}

/// Returns the property with the name of a resource, if it is the physical ID.
fn name_property(type_name: &str) -> Option<String> {
    let facts = facts::cloudformation(type_name)?;
    let [property] = facts.primary_identifier.as_slice() else { return None };
    let is_set = facts.has_attribute(property) && !facts.read_only.contains(property);
    is_set.then(|| property.clone())
}
