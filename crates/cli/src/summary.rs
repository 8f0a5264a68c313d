//! Counts of the content of an assembly, for the JSON output of `synth` and `list`.

use meshsynth_assembly::{Assembly, Cluster, Stack};
use serde_json::{Map, Value, json};

/// Returns the counts of the content of an assembly.
pub fn summary(assembly: &Assembly) -> Map<String, Value> {
    let manifest = &assembly.manifest;
    let stack = |stack: &Stack| {
        json!({
            "id": stack.id,
            "name": stack.name,
            "account": stack.account,
            "region": stack.region,
            "template": stack.template,
            "bytes": assembly.files.get(&stack.template),
            "resources": stack.resources.len(),
            "stateful": stack.resources.values().filter(|resource| resource.stateful).count(),
        })
    };
    let cluster = |cluster: &Cluster| {
        json!({
            "id": cluster.id,
            "name": cluster.name,
            "region": cluster.region,
            "objects": cluster.objects.len(),
            "releases": cluster.releases.iter().map(|release| release.name.as_str()).collect::<Vec<_>>(),
        })
    };
    let summary = json!({
        "stacks": manifest.stacks.iter().map(stack).collect::<Vec<_>>(),
        "clusters": manifest.clusters.iter().map(cluster).collect::<Vec<_>>(),
        "resources": manifest.resources(),
        "objects": manifest.objects(),
        "releases": manifest.releases(),
        "owner_tasks": assembly.owner_tasks.len(),
        "files": assembly.files.len(),
        "bytes": assembly.bytes(),
    });
    match summary {
        Value::Object(fields) => fields,
        _ => unreachable!("it is written as an object above"),
    }
}
