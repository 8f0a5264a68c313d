//! The reference platforms: snapshots of every file, and properties of all platforms.

use std::collections::BTreeSet;

use genai_demo::Environment;
use meshsynth::testing::{Platform, try_synth};
use meshsynth::{App, Assembly};
use serde_json::Value;

use crate::support::{digest, output, root, snapshot};

/// Returns every reference platform in every environment.
fn platforms() -> Vec<(&'static str, Assembly)> {
    let genai = |name, env: Environment| (name, synth(name, |app| genai_demo::platform(app, &env)));
    let retail = |name, env: retail::Environment| (name, synth(name, |app| retail::platform(app, &env)));
    vec![
        genai("genai-demo-staging", Environment::staging()),
        genai("genai-demo-production", Environment::production()),
        ("multicluster-mesh", synth("multicluster-mesh", multicluster_mesh::platform)),
        ("cross-region-mesh", synth("cross-region-mesh", cross_region_mesh::platform)),
        ("ambient-shop", synth("ambient-shop", ambient_shop::platform)),
        ("ecommerce", synth("ecommerce", ecommerce::platform)),
        ("global-data", synth("global-data", global_data::platform)),
        retail("retail-staging", retail::Environment::staging()),
        retail("retail-production", retail::Environment::production()),
    ]
}

fn synth(name: &str, define: impl FnOnce(&App)) -> Assembly {
    try_synth(name, define).unwrap_or_else(|failure| panic!("{name}: {failure}"))
}

/// Whether `snapshots/` contains every file of a platform. For similar platforms, this applies to one; digests show the
/// rest.
fn is_in_full(name: &str) -> bool {
    !["genai-demo-staging", "retail-staging"].contains(&name)
}

/// `snapshots/<platform>/` contains the current output. `UPDATE_SNAPSHOTS=1` writes it.
#[test]
fn every_file_is_as_reviewed() {
    let mut wrong = Vec::new();
    for (name, assembly) in platforms().into_iter().filter(|(name, _)| is_in_full(name)) {
        wrong.extend(output(name, &assembly.files));
    }
    assert!(
        wrong.is_empty(),
        "run `UPDATE_SNAPSHOTS=1 cargo test --test it every_file`, and read `git diff snapshots`: {wrong:#?}"
    );
}

#[test]
fn every_snapshot_folder_belongs_to_a_platform() {
    let known: BTreeSet<&str> = platforms().into_iter().map(|(name, _)| name).filter(|name| is_in_full(name)).collect();
    let folders = std::fs::read_dir(root().join("snapshots"))
        .expect("there are snapshots")
        .map(|entry| entry.unwrap().file_name());
    let others = ["cli", "files", "stateful", "traffic"];
    let left: Vec<_> = folders
        .filter(|folder| folder.to_str().is_none_or(|folder| !known.contains(folder) && !others.contains(&folder)))
        .collect();
    assert!(left.is_empty(), "no platform writes these: {left:?}");
}

/// The list of files with digest and size shows which files a change affects.
#[test]
fn the_files_of_every_platform_are_as_reviewed() {
    for (name, assembly) in platforms() {
        let line = |(path, text): (&String, &String)| format!("{:016x} {:7} {path}\n", digest(text), text.len());
        snapshot("files", name, &assembly.files.iter().map(line).collect::<String>());
    }
}

/// The loss or renaming of one of these IDs loses data.
#[test]
fn stateful_resources_keep_their_logical_ids() {
    for (name, assembly) in platforms() {
        snapshot("stateful", name, &Platform::of(assembly).stateful());
    }
}

#[test]
fn no_platform_has_a_warning() {
    for (name, assembly) in platforms() {
        assert!(assembly.warnings.is_empty(), "{name}: {}", meshsynth::diag::render(&assembly.warnings));
    }
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    for ((name, first), (_, second)) in platforms().into_iter().zip(platforms()) {
        assert!(first == second, "{name} differs between two runs");
    }
}

/// Exports of other stacks that a platform reads with `Val::exported`.
const EXPORTS_OF_OTHERS: [&str; 1] = ["warehouse-FloorListenerArn"];

#[test]
fn every_import_has_its_export() {
    for (name, assembly) in platforms() {
        let (mut exports, mut imports) = (BTreeSet::new(), BTreeSet::new());
        for (_, text) in assembly.files.iter().filter(|(path, _)| path.ends_with(".template.json")) {
            let template: Value = serde_json::from_str(text).expect("a template is JSON");
            collect(&template["Resources"], "Fn::ImportValue", &mut imports);
            for output in template["Outputs"].as_object().into_iter().flat_map(|outputs| outputs.values()) {
                exports.extend(output["Export"]["Name"].as_str().map(str::to_owned));
            }
        }
        imports.retain(|it| !EXPORTS_OF_OTHERS.contains(&it.as_str()));
        assert!(!imports.is_empty(), "{name} has several stacks");
        assert_eq!(imports, exports, "{name}");
    }
}

/// Collects every text below a key with this name.
fn collect(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(text) if name == key => {
                        found.insert(text.clone());
                    }
                    value => collect(value, key, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn outputs_for_other_regions_exist() {
    for name in ["cross-region-mesh", "global-data"] {
        let found = platforms().into_iter().find(|(known, _)| *known == name);
        is_read_across_regions(name, &found.expect("it is a platform").1);
    }
}

fn is_read_across_regions(name: &str, assembly: &Assembly) {
    let manifest: Value = serde_json::from_str(&assembly.files["manifest.json"]).expect("it is JSON");
    let stacks = manifest["stacks"].as_array().expect("a list");
    let template = |stack: &Value| -> Value {
        let path = stack["template"].as_str().unwrap_or_default();
        serde_json::from_str(&assembly.files[path]).expect("a template is JSON")
    };
    let mut n_read = 0;
    for (idx, stack) in stacks.iter().enumerate() {
        let mut read = Vec::new();
        weak(&template(stack)["Resources"], &mut read);
        for row in read {
            let from = stacks.iter().position(|it| it["name"] == row["StackName"]).expect("a stack of the platform");
            assert_eq!(stacks[from]["region"], row["Region"], "{name}");
            assert_ne!(stacks[from]["region"], stack["region"], "{name}: a region is read from another one");
            assert!(from < idx, "{name}: {row} is deployed before it is read");
            assert!(template(&stacks[from])["Outputs"][row["OutputName"].as_str().unwrap_or_default()].is_object());
            n_read += 1;
        }
    }
    assert!(n_read > 10, "{name} has {n_read} references between its regions");
}

/// Collects every weak reference in a template.
fn weak(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| weak(item, found)),
        Value::Object(map) => {
            found.extend(map.get("Fn::GetStackOutput").cloned());
            map.values().for_each(|value| weak(value, found));
        }
        _ => {}
    }
}

#[test]
fn every_placeholder_has_a_binding_and_an_output() {
    for (name, assembly) in platforms() {
        let bindings: Value = serde_json::from_str(&assembly.files["bindings.json"]).expect("it is JSON");
        let bindings = bindings.as_object().expect("rows by placeholder");
        let manifests = assembly
            .files
            .iter()
            .filter(|(path, _)| path.starts_with("k8s/") || path.starts_with("helm/") || *path == "owners.json");
        let all: String = manifests.map(|(_, text)| text.as_str()).collect();
        let has_cluster = assembly.files.keys().any(|path| path.starts_with("k8s/"));
        assert_eq!(!bindings.is_empty(), has_cluster, "{name} reads values of AWS in its manifests");
        for (placeholder, row) in bindings {
            assert!(all.contains(placeholder.as_str()), "{name}: {placeholder} is read by nobody");
            let path = format!("{}.template.json", row["stack"].as_str().unwrap_or_default());
            let template: Value = serde_json::from_str(&assembly.files[&path]).expect("a template is JSON");
            let output = row["output"].as_str().unwrap_or_default();
            assert!(template["Outputs"][output].is_object(), "{name}: {placeholder} names the output {output}");
        }
    }
}

#[test]
fn the_dashboard_shows_callers_and_stores() {
    for (name, assembly) in platforms() {
        let graph: Value = serde_json::from_str(&assembly.files["graph.json"]).expect("it is JSON");
        let platform = Platform::of(assembly);
        if platform.resources("AWS::CloudWatch::Dashboard").is_empty() {
            continue;
        }
        let body = platform.resource("AWS::CloudWatch::Dashboard").props["DashboardBody"].to_string();
        let edges = graph["edges"].as_array().expect("a list");
        for edge in edges.iter().filter(|edge| edge["kind"] == "call" || edge["kind"] == "data") {
            for end in [&edge["from"], &edge["to"]] {
                let id = end.as_str().and_then(|path| path.rsplit('/').next()).expect("a path");
                assert!(body.contains(&format!("## {id}\\\\n")), "{name}: no row for {id}");
            }
        }
    }
}
