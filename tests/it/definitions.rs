//! The custom resource definitions of a platform equal those of their project, except for descriptions.

use std::collections::BTreeMap;
use std::fs;

use meshsynth::facts;
use serde_json::Value;

use crate::support::root;

/// Definitions of which Istio uses versions that are no longer served.
const LEFT_OUT: [&str; 2] = ["tcproutes.gateway.networking.k8s.io", "udproutes.gateway.networking.k8s.io"];

/// Returns definitions by name, without descriptions and without fields that the API server sets.
fn by_name(documents: Vec<Value>) -> BTreeMap<String, Value> {
    let definitions = documents.into_iter().filter(|it| it["kind"] == "CustomResourceDefinition");
    definitions
        .map(|mut it| {
            it.as_object_mut().expect("it is a map").remove("status");
            without_prose(&mut it);
            (it["metadata"]["name"].as_str().expect("it has a name").to_owned(), it)
        })
        .collect()
}

fn without_prose(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_prose),
        Value::Object(map) => {
            map.retain(|key, value| key != "description" || !value.is_string());
            map.values_mut().for_each(without_prose);
        }
        _ => {}
    }
}

#[test]
fn gateway_api_definitions_equal_those_of_the_project() {
    let ours = facts::gateway_api_definitions().map(|line| serde_json::from_str(line).expect("a line is JSON"));
    let ours: Vec<Value> = ours.collect();
    let folder = root().join("tests/schemas/crds");
    let file = fs::read_dir(&folder).expect("it is there").map(|entry| entry.expect("it is read").path());
    let mut file = file.filter(|path| path.to_string_lossy().contains("/gateway-api-"));
    let text = fs::read_to_string(file.next().expect("there is one")).expect("it is text");
    let options = serde_yaml::options! { budget: None };
    let theirs = serde_yaml::from_multiple_with_options(&text, options).expect("it is YAML");
    let mut theirs = by_name(theirs);
    theirs.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
    assert_eq!(ours.len(), 8);
    assert!(ours.iter().all(|it| !it["spec"].to_string().contains("\"description\":\"")), "no prose");
    assert!(by_name(ours) == theirs, "cargo xtask facts kube");
}
