//! Writes each doc example as a function, so that the pages can show its output.

#[allow(dead_code, unused_imports, reason = "the build script uses only a part of the module")]
#[path = "src/source/mod.rs"]
mod source;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use source::Library;

fn main() {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets the folder of the crate")).join("../../..");
    for folder in ["src/aws", "src/mesh", "src/lib.rs"] {
        println!("cargo::rerun-if-changed={}", root.join(folder).display());
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets the output folder"));
    fs::write(out.join("examples.rs"), examples(&root)).expect("the examples can be written");
}

/// Returns a function for each example that defines an app, and the list of these functions with the paths of their
/// constructs.
fn examples(root: &Path) -> String {
    let library = Library::read(root);
    let (mut text, mut list) = (String::new(), String::new());
    for (number, construct) in library.constructs().iter().enumerate() {
        let Some(example) = library.example(construct) else { continue };
        let Some(app) = example.app() else { continue };
        let _ = writeln!(text, "fn example_{number}() -> meshsynth::App {{");
        let (name, line) = (library.name(construct), text.lines().count() + 1);
        let _ = write!(text, "{}\n{app}\n}}\n\n", example.code());
        let _ = writeln!(list, "    Run {{ name: {name:?}, line: {line}, run: example_{number} }},");
    }
    format!("{text}/// The examples that run.\npub const EXAMPLES: &[Run] = &[\n{list}];\n")
}
