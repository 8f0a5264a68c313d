//! The library that a project is built with, as its Cargo.lock says.

use std::fs;
use std::path::Path;

use toml::de::{DeTable, DeValue};

/// How to fix two versions of the library in one program.
pub const CLASH_HELP: &str = "name one version of `meshsynth`, `meshsynth-program` and `meshsynth-services` in Cargo.toml, \
                              and see `cargo tree --duplicates` for who else names one; then `cargo update`";

/// The packages whose types must be those of one version.
const PACKAGES: [&str; 2] = ["meshsynth", "meshsynth-types"];

/// The versions of the library in the nearest Cargo.lock, sorted; none where there is no such file.
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

/// What is wrong where there are several.
pub fn clash(versions: &[String]) -> String {
    format!("the program is built with {} versions of meshsynth: {}", versions.len(), versions.join(" and "))
}
