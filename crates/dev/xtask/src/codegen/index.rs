//! The index of all generated types, which `meshsynth adopt` uses to write programs.
//!
//! It is generated from the text of the generated files, so that it describes each setter exactly. Each line begins
//! with its kind, followed by names:
//!
//! ```text
//! = cfn::sqs::queue                  where the records that follow are
//! T AWS::SQS::Queue Queue            a resource type and its name in Rust
//! K Service v1 Service Workloads namespaced   a kind: its name in Rust, its version and name, its wave
//! ! key field type                   a required property
//! ? key field type                   another one
//! @ key method type                  an attribute
//! & type                             what the reference of a resource is
//! R Tag                              a record
//! C Protocol                         choices
//! v Variant text                     one of them
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::Out;

/// The folders of the types of each crate, and their names in the index.
const FOLDERS: [(&str, &str); 3] =
    [("crates/cfn/src/", "cfn"), ("crates/services/src/", "services"), ("crates/kube/src/", "kube")];

/// Generates the index of the files that are generated so far.
pub fn generate(out: &mut Out) {
    let (texts, modules) = read(out);
    for (name, text) in texts {
        out.file(format!("crates/adopt/index/{name}.txt"), text);
    }
    out.file("crates/adopt/src/types/sources.rs", sources(&modules));
}

/// Returns the index by file name, and the file names.
fn read(out: &Out) -> (BTreeMap<String, String>, BTreeMap<&'static str, BTreeSet<String>>) {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut modules: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (folder, root) in FOLDERS {
        for (path, text) in out.below(folder) {
            let Some((module, file)) = path.trim_start_matches(folder).split_once('/') else { continue };
            let Some(file) = file.strip_suffix(".rs").filter(|file| *file != "mod") else { continue };
            let listed = out.text(&format!("{folder}{module}/mod.rs"));
            // If the file is not a public module, its types are public in the parent module.
            let place = match listed.contains(&format!("pub mod {file};")) {
                true => format!("{root}::{module}::{file}"),
                false => format!("{root}::{module}"),
            };
            let name = if root == "kube" { format!("kube-{module}") } else { module.to_owned() };
            let index = texts.entry(name.clone()).or_default();
            let _ = writeln!(index, "= {place}");
            add(text, index);
            modules.entry(if root == "kube" { "kube" } else { "cfn" }).or_default().insert(name);
        }
    }
    (texts, modules)
}

fn add(text: &str, index: &mut String) {
    let mut is_required = true;
    let mut block = "";
    for line in text.lines() {
        let line = line.trim();
        match line {
            "resource! {" | "record! {" | "object! {" | "choices! {" => {
                block = line.split('!').next().unwrap_or_default();
                continue;
            }
            "} {" => is_required = false,
            _ => {}
        }
        if line.is_empty() || line.starts_with('/') || line.starts_with("use ") {
            continue;
        }
        if let Some(rest) = line.strip_prefix("} reference: ") {
            // The type of the `Ref` is a separate line after the line of the resource type.
            let _ = writeln!(index, "& {rest}");
        } else if line.starts_with("} attributes ") {
            block = "attributes";
        } else if let Some(head) = line.strip_suffix(" {") {
            is_required = true;
            match (block, head.split_once(" = ")) {
                ("resource", Some((name, type_name))) => {
                    let _ = writeln!(index, "T {} {name}", type_name.trim_matches('"'));
                }
                ("object", Some((name, rest))) => {
                    let _ = writeln!(index, "K {name} {}", rest.replace('"', ""));
                }
                ("record", None) if head != "}" => {
                    let _ = writeln!(index, "R {head}");
                }
                ("choices", None) => {
                    let _ = writeln!(index, "C {head}");
                }
                _ => is_required = head != "}",
            }
        } else if let Some((name, key)) = line.strip_suffix(',').and_then(|line| line.split_once(" = \"")) {
            let key = key.trim_end_matches('"');
            match (block, name.split_once(": ")) {
                ("choices", None) => {
                    let _ = writeln!(index, "v {name} {key}");
                }
                (_, Some((field, kind))) => {
                    let word = match (block, is_required) {
                        ("attributes", _) => "@",
                        (_, true) => "!",
                        (_, false) => "?",
                    };
                    let _ = writeln!(index, "{word} {key} {field} {kind}");
                }
                _ => {}
            }
        }
    }
}

/// Renders `crates/adopt/src/types/sources.rs`.
fn sources(modules: &BTreeMap<&str, BTreeSet<String>>) -> String {
    let mut text = format!("{}; do not edit.\n\n//! The texts of the index.\n", super::out::MARK);
    text.push_str("\n/// The types of a service, such as `sqs`.\n#[rustfmt::skip]\n");
    text.push_str("pub(super) fn cloudformation(service: &str) -> Option<&'static str> {\n    Some(match service {\n");
    for name in modules.get("cfn").into_iter().flatten() {
        let _ = writeln!(text, "        \"{name}\" => include_str!(\"../../index/{name}.txt\"),");
    }
    text.push_str("        _ => return None,\n    })\n}\n\n/// The names of all services.\n#[rustfmt::skip]\n");
    let services: Vec<&String> = modules.get("cfn").into_iter().flatten().collect();
    let _ = writeln!(text, "pub(super) const SERVICES: [&str; {}] = [", services.len());
    for name in services {
        let _ = writeln!(text, "    \"{name}\",");
    }
    text.push_str("];\n\n/// The kinds of all modules.\n#[rustfmt::skip]\n");
    let kube: Vec<&String> = modules.get("kube").into_iter().flatten().collect();
    let _ = writeln!(text, "pub(super) const KUBERNETES: [&str; {}] = [", kube.len());
    for name in kube {
        let _ = writeln!(text, "    include_str!(\"../../index/{name}.txt\"),");
    }
    text.push_str("];\n");
    text
}
