//! Concatenates the reference pages of constructs, which `meshsynth explain` prints.
//!
//! In the repository, the pages are in `docs/constructs`. A published package contains a copy in `constructs`, because
//! cargo packs only the folder of a package.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets the folder of the package"));
    let copy = package.join("constructs");
    let folder = if copy.is_dir() { copy } else { package.join("../../docs/constructs") };
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets the output folder"));
    fs::write(out.join("pages.md"), pages(&folder)).expect("the pages can be written");
}

/// Returns all pages, sorted by the name of the construct. A line with the name precedes each page.
fn pages(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("reading `{}`: {error}", folder.display()));
    let mut pages: Vec<(String, String)> = Vec::new();
    for entry in entries {
        let path = entry.expect("the folder can be listed").path();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("reading `{}`: {error}", path.display()));
        let heading = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = heading.unwrap_or_else(|| panic!("`{}` has no heading", path.display())).to_owned();
        pages.push((name, text));
    }
    pages.sort();
    pages.iter().map(|(name, text)| format!("<!-- page {name} -->\n{text}")).collect()
}
