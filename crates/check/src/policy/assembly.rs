//! Reads the objects and resources of an assembly for policies, each with its line in the program.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::diag::Place;
use meshsynth_assembly::{Manifest, read_manifest};

use super::admission::Role;
use super::subject::{Cluster, DEFERRED, Object, Resource, Stack, Subjects};
use super::template::resolved;
use crate::expressions::Tree;
use crate::yaml::{self, Marked};

/// The parts of an assembly to read.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// All objects, even without an admission policy among them.
    pub objects: bool,
    /// The resources of its stacks.
    pub resources: bool,
}

/// Reads the selected parts of an assembly. A cluster with an admission policy is always read.
pub fn read(folder: &Path, wanted: Wanted) -> Result<Subjects> {
    let mut manifest: Manifest = read_manifest(folder)?;
    let is_policy = |it: &meshsynth_assembly::Object| it.kind == "ValidatingAdmissionPolicy";
    manifest.clusters.retain(|cluster| wanted.objects || cluster.objects.iter().any(is_policy));
    if !wanted.resources {
        manifest.stacks.clear();
    }
    let document = |path: &str| {
        let text = fs::read_to_string(folder.join(path)).with_context(|| format!("cannot read `{path}`"))?;
        anyhow::Ok(
            yaml::read(&text).map_err(|wrong| anyhow::anyhow!("`{path}` is not valid: {}", wrong.message))?.pop(),
        )
    };
    let mut subjects = Subjects::default();
    for cluster in &manifest.clusters {
        let mut objects = Vec::new();
        for row in &cluster.objects {
            let Some(document) = document(&row.path)? else { continue };
            let tree = Tree::from_data(&document.data(), DEFERRED);
            let is_other = Role::of(&tree) == Role::Other;
            // An expression is not parsed for placeholders. Its position is that of the program.
            let tree = if is_other { tree } else { Tree::from_data(&document.literal(), DEFERRED) };
            objects.push(Object { tree, place: place(&row.source), construct: row.construct.clone(), document: None });
        }
        subjects.clusters.push(Cluster { namespace: "default".to_owned(), objects });
    }
    for row in &manifest.stacks {
        let mut stack = Stack {
            name: row.name.clone(),
            region: Some(row.region.clone()),
            account: row.account.clone(),
            tags: Some(row.tags.clone()),
            resources: Vec::new(),
        };
        let Some(template) = document(&row.template)? else { continue };
        for (logical_id, body) in template.get("Resources").into_iter().flat_map(Marked::entries) {
            let Some(body) = resolved(&Tree::from_data(&body.literal(), DEFERRED), &stack) else { continue };
            let known = row.resources.get(logical_id);
            stack.resources.push(Resource {
                logical_id: logical_id.to_owned(),
                type_name: body.text("Type").unwrap_or_default().to_owned(),
                body,
                place: known.map_or_else(|| place(""), |it| place(&it.source)),
                construct: known.map(|it| it.construct.clone()).unwrap_or_default(),
            });
        }
        subjects.stacks.push(stack);
    }
    Ok(subjects)
}

/// Parses a position such as `src/main.rs:12:5`.
fn place(source: &str) -> Place {
    let mut parts = source.rsplitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(1);
    let (column, line) = (number(), number());
    Place { file: parts.next().unwrap_or(source).to_owned(), line, column }
}
