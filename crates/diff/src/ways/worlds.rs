//! Conversion of a side to a world of the reach engine.

use meshsynth_assembly::{Cluster, Stack};
use meshsynth_reach::World;
use meshsynth_reach::world::Files;
use serde_json::{Map, Value, json};

use super::relevant::is_read;
use crate::side::{Pair, Side};

/// Returns the world of the new side.
pub fn head(pair: &Pair) -> World {
    world(pair.head, |path| pair.head.document(path))
}

/// Returns the world of the old side. Documents that are the same on both sides are parsed once.
pub fn base(pair: &Pair) -> World {
    world(pair.base, |path| if pair.is_same(path) { pair.head.document(path) } else { pair.base.document(path) })
}

fn world<'a>(side: &'a Side, document: impl Fn(&str) -> &'a Value) -> World {
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
    World::of(&files)
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
