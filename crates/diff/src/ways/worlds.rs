//! Conversion of a side to a world of the reach engine.

use meshsynth_assembly::{Cluster, Stack};
use meshsynth_reach::World;
use meshsynth_reach::world::Files;
use serde_json::{Map, Value, json};

use super::relevant::is_read;
use crate::side::{Pair, Side};

/// Returns the world of the new side.
pub fn head(pair: &Pair) -> World {
    let mut files = files(pair.head, |path| pair.head.document(path));
    keep_namespaces(pair, &mut files);
    World::of(&files)
}

/// Returns the world of the old side. Documents that are the same on both sides are parsed once.
pub fn base(pair: &Pair) -> World {
    let document = |path: &str| if pair.is_same(path) { pair.head.document(path) } else { pair.base.document(path) };
    World::of(&files(pair.base, document))
}

/// Adds the namespaces of the old side that the new side no longer defines. The settings of a namespace do not change
/// while objects of the new side are in it.
fn keep_namespaces(pair: &Pair, files: &mut Files) {
    for cluster in &pair.base.manifest.clusters {
        let Some(at) = pair.head.manifest.clusters.iter().position(|it| it.id == cluster.id) else { continue };
        let is_namespace = |document: &Value| document["kind"] == "Namespace";
        let is_defined = |name: &Value| {
            let objects = pair.head.manifest.clusters[at].objects.iter();
            let near = objects.filter(|it| pair.head.text(&it.path).contains("Namespace"));
            near.map(|it| pair.head.document(&it.path)).any(|it| is_namespace(it) && it["metadata"]["name"] == *name)
        };
        for object in cluster.objects.iter().filter(|it| !pair.is_same(&it.path)) {
            let document = pair.base.document(&object.path);
            if !is_namespace(document) || is_defined(&document["metadata"]["name"]) {
                continue;
            }
            let path = format!("removed/{}", object.path);
            let row = json!({ "path": path, "construct": object.construct, "source": object.source });
            if let Some(objects) = files.manifest["clusters"][at]["objects"].as_array_mut() {
                objects.push(row);
                files.documents.insert(path, vec![(1, document.clone())]);
            }
        }
    }
}

fn files<'a>(side: &'a Side, document: impl Fn(&str) -> &'a Value) -> Files {
    let manifest = &side.manifest;
    let mut files = Files {
        manifest: json!({
            "stacks": manifest.stacks.iter().map(stack).collect::<Vec<_>>(),
            "clusters": manifest.clusters.iter().map(|it| cluster(side, it)).collect::<Vec<_>>(),
        }),
        bindings: side.bindings.clone(),
        ..Files::default()
    };
    let templates = manifest.stacks.iter().map(|it| it.template.as_str());
    let objects = manifest.clusters.iter().flat_map(|it| &it.objects).filter(|it| is_read(side, it));
    let values = manifest.clusters.iter().flat_map(|it| &it.releases).map(|it| it.values.as_str());
    for path in templates.chain(objects.map(|it| it.path.as_str())).chain(values) {
        files.documents.insert(path.to_owned(), vec![(1, document(path).clone())]);
    }
    files
}

fn stack(of: &Stack) -> Value {
    let resources: Map<String, Value> = of
        .resources
        .iter()
        .map(|(id, row)| (id.clone(), json!({ "construct": row.construct, "source": row.source })))
        .collect();
    json!({
        "id": of.id, "name": of.name, "account": of.account, "region": of.region, "template": of.template,
        "resources": resources,
    })
}

fn cluster(side: &Side, of: &Cluster) -> Value {
    let objects: Vec<Value> = of
        .objects
        .iter()
        .filter(|it| is_read(side, it))
        .map(|it| json!({ "path": it.path, "construct": it.construct, "source": it.source }))
        .collect();
    let releases: Vec<Value> = of
        .releases
        .iter()
        .map(|it| {
            json!({
                "name": it.name, "chart": it.chart, "namespace": it.namespace, "values": it.values,
                "construct": it.construct, "source": it.source,
            })
        })
        .collect();
    json!({
        "id": of.id, "name": of.name, "account": of.account, "region": of.region, "objects": objects,
        "releases": releases,
    })
}
