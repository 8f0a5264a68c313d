//! The files that describe the assembly: `manifest.json`, `bindings.json`, `graph.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::facts;
use crate::node::Kind;
use crate::tree::NodeId;
use crate::{diag::Place, yaml};

use super::{FORMAT_VERSION, Link, Model, TemplateFormat, emit_cfn, emit_kube, graph, wire};

/// The describing files, by path.
pub(super) fn files(
    model: &Model,
    link: &Link,
    written: &BTreeMap<String, String>,
    format: TemplateFormat,
) -> Vec<(String, String)> {
    vec![
        ("manifest.json".to_owned(), json_text(&manifest(model, link, written, format))),
        ("bindings.json".to_owned(), json_text(&bindings(model, link))),
        ("graph.json".to_owned(), json_text(&graph::graph(model))),
    ]
}

/// A document in the format of the templates.
pub(super) fn text(value: &impl Serialize, format: TemplateFormat) -> String {
    match format {
        TemplateFormat::Json => json_text(value),
        TemplateFormat::Yaml => yaml::to_text(value),
    }
}

fn json_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data is always written");
    text.push('\n');
    text
}

fn manifest(model: &Model, link: &Link, written: &BTreeMap<String, String>, format: TemplateFormat) -> Value {
    let mut resources: BTreeMap<NodeId, Map<String, Value>> = BTreeMap::new();
    for (id, node, resource) in model.resources() {
        let Some(stack) = model.stack_of(id) else { continue };
        let is_stateful = facts::cloudformation(&resource.type_name).is_some_and(|facts| facts.stateful);
        let mut entry = json!({
            "construct": model.path(id),
            "source": Place::from(node.at).to_string(),
            "stateful": is_stateful,
            "type": resource.type_name,
        });
        if !resource.patches.is_empty() {
            entry["patches"] = json!(resource.patches);
        }
        resources.entry(stack).or_default().insert(model.logical_id(id).to_owned(), entry);
    }
    let stacks: Vec<Value> = model
        .stacks()
        .map(|(id, stack)| {
            let imports: Vec<Value> = link
                .imports
                .get(&id)
                .into_iter()
                .flatten()
                .map(|(from, output)| {
                    let wire = match model.strong_references && model.stack(*from).env == stack.env {
                        true => "export",
                        false => "output",
                    };
                    json!({ "stack": model.path(*from), "output": output, "wire": wire })
                })
                .collect();
            json!({
                "id": model.path(id),
                "name": stack.name,
                "account": stack.env.account,
                "region": stack.env.region,
                "template": emit_cfn::file_name(model, id, format),
                "needs": needs(model, link, id),
                "imports": imports,
                "tags": stack.tags.iter().cloned().collect::<BTreeMap<_, _>>(),
                "resources": resources.remove(&id).unwrap_or_default(),
            })
        })
        .collect();
    let mut clusters: Vec<Value> = model.targets().map(|(id, _)| cluster(model, link, id)).collect();
    clusters.sort_by_key(|it| it["id"].to_string());
    json!({
        "format_version": FORMAT_VERSION,
        "app": model.app,
        "stacks": stacks,
        "clusters": clusters,
        "files": written.keys().collect::<Vec<_>>(),
    })
}

/// The stacks that must be there before, by path.
fn needs(model: &Model, link: &Link, id: NodeId) -> Vec<String> {
    let ids: BTreeSet<String> = link.needs.get(&id).into_iter().flatten().map(|id| model.path(*id)).collect();
    ids.into_iter().collect()
}

fn cluster(model: &Model, link: &Link, id: NodeId) -> Value {
    let Kind::Target(target) = &model.node(id).kind else { return Value::Null };
    let mut name = target.name.to_text();
    if let crate::val::Data::Deferred(deferred) = &target.name {
        name = wire::manifest_text(model, deferred, &mut |_| {});
    }
    let mut objects: Vec<Value> = model
        .objects()
        .filter(|(object, ..)| model.target_of(*object) == Some(id))
        .filter_map(|(object_id, node, object)| {
            Some(json!({
                "path": emit_kube::manifest_path(model, object_id, object)?,
                "construct": model.path(object_id),
                "source": Place::from(node.at).to_string(),
            }))
        })
        .collect();
    objects.sort_by_key(|it| it["path"].to_string());
    let mut releases: Vec<Value> = model
        .releases()
        .filter(|(release, _)| model.target_of(*release) == Some(id))
        .map(|(release_id, release)| {
            let after: Vec<_> = release.depends_on.iter().map(|id| model.path(*id)).collect();
            json!({
                "name": release.name,
                "namespace": release.namespace,
                "repository": release.repository,
                "chart": release.chart,
                "version": release.version,
                "values": emit_kube::values_path(model, id, &release.name),
                "construct": model.path(release_id),
                "source": Place::from(model.node(release_id).at).to_string(),
                "after": after,
            })
        })
        .collect();
    releases.sort_by_key(|it| it["name"].to_string());
    let stack = model.stack_of(id);
    json!({
        "id": emit_kube::cluster_folder(model, id),
        "name": name,
        "version": target.version,
        "region": stack.map(|stack| &model.stack(stack).env.region),
        "account": stack.map(|stack| &model.stack(stack).env.account),
        "needs": needs(model, link, id),
        "releases": releases,
        "objects": objects,
    })
}

fn bindings(model: &Model, link: &Link) -> Value {
    let rows: Map<String, Value> = link
        .bindings
        .iter()
        .map(|(placeholder, binding)| {
            let mut row = json!({ "stack": model.path(binding.stack), "output": binding.output });
            if let Some((call, field)) = &binding.lookup {
                row["lookup"] = json!({ "call": call, "field": field });
            }
            (placeholder.clone(), row)
        })
        .collect();
    Value::Object(rows)
}
