//! The versions of the library in the Cargo.lock of a project.

use std::fs;
use std::path::Path;

use toml::de::{DeTable, DeValue};

/// The fix for two versions of the library in one program.
pub const CLASH_HELP: &str = "use the same version of `meshsynth`, `meshsynth-program` and `meshsynth-services` in \
     Cargo.toml; find other dependents with `cargo tree --duplicates`; then run `cargo update`";

/// The packages that must have one version in a program.
const PACKAGES: [&str; 2] = ["meshsynth", "meshsynth-model"];

/// Returns the sorted versions of the library in the nearest Cargo.lock. The list is empty if the file is missing.
pub fn versions(folder: &Path) -> Vec<String> {
    let Some(text) = folder.ancestors().find_map(|folder| fs::read_to_string(folder.join("Cargo.lock")).ok()) else {
        return Vec::new();
    };
    let Ok(lock) = DeTable::parse(&text) else { return Vec::new() };
    let packages = lock.get_ref().get("package").and_then(|it| it.get_ref().as_array());
    let mut versions: Vec<String> = packages
        .into_iter()
        .flatten()
        .filter_map(|package| package.get_ref().as_table())
        .filter(|package| {
            let name = package.get("name").and_then(|name| name.get_ref().as_str());
            name.is_some_and(|name| PACKAGES.contains(&name))
        })
        .filter_map(|package| {
            package.get("version").map(|it| it.get_ref()).and_then(DeValue::as_str).map(str::to_owned)
        })
        .collect();
    versions.sort();
    versions.dedup();
    versions
}

/// Returns the message for several versions.
pub fn clash(versions: &[String]) -> String {
    format!("the program is built with {} versions of meshsynth: {}", versions.len(), versions.join(" and "))
}
