//! Crates that analyze or deploy an assembly build without constructs and rules.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::support::root;

/// The package with constructs and rules.
const LIBRARY: &str = "meshsynth";
/// The packages that must not depend on it, except for tests.
const INDEPENDENT: [&str; 6] = [
    "meshsynth-access",
    "meshsynth-assembly",
    "meshsynth-deploy",
    "meshsynth-diff",
    "meshsynth-reach",
    "meshsynth-upgrade",
];

/// Returns the dependencies of each package of the workspace, except dev-dependencies.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("the metadata is JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("the metadata lists packages");
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().into_iter().flatten();
            (text(&package["name"]), all.filter(|it| it["kind"] != "dev").map(|it| text(&it["name"])).collect())
        })
        .collect()
}

/// Returns the shortest chain of dependencies between two packages.
fn chain(from: &str, to: &str, dependencies: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut chains = vec![vec![from.to_owned()]];
    let mut seen = BTreeSet::new();
    while !chains.is_empty() {
        let mut longer = Vec::new();
        for chain in chains {
            let last = chain.last()?;
            if last == to {
                return Some(chain);
            }
            if seen.insert(last.clone()) {
                let next = dependencies.get(last).into_iter().flatten();
                longer.extend(next.map(|it| [chain.as_slice(), std::slice::from_ref(it)].concat()));
            }
        }
        chains = longer;
    }
    None
}

#[test]
fn analysis_and_deployment_do_not_depend_on_constructs() {
    let dependencies = dependencies();
    let unknown: Vec<_> = INDEPENDENT.iter().filter(|name| !dependencies.contains_key(**name)).collect();
    assert!(unknown.is_empty(), "the workspace has no packages {unknown:?}");
    let chains = INDEPENDENT.iter().filter_map(|name| chain(name, LIBRARY, &dependencies));
    let chains: Vec<String> = chains.map(|it| it.join(" → ")).collect();
    assert!(chains.is_empty(), "move the used items to a crate without constructs: {chains:#?}");
}

#[test]
fn chains_of_dependencies_are_found() {
    let dependencies = dependencies();
    let path = chain("meshsynth-cli", "meshsynth-model", &dependencies);
    assert!(path.is_some_and(|it| it.len() >= 2));
    assert_eq!(chain("meshsynth-model", "meshsynth-cli", &dependencies), None);
}
