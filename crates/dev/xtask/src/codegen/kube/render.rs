//! Renders the generated files.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::facts::Module;
use super::files::File;
use super::model::{Prop, Record, Type, Unit};
use crate::codegen::out::MARK;

/// Renders `crates/kube/src/<module>/<file>.rs`.
pub fn file(module: &Module, unit: &Unit, file: &File) -> String {
    let records: Vec<&Record> = file.records.iter().map(|idx| &unit.records[*idx]).collect();
    let kinds: Vec<String> = records
        .iter()
        .filter_map(|record| record.object.as_ref())
        .map(|object| format!("{} {}", object.api_version, object.kind))
        .collect();
    let from = if kinds.is_empty() { format!("the records of {}", module.name) } else { kinds.join(", ") };
    let mut text = format!("{MARK} from {from}; do not edit.\n\n");
    if unit.kind.is_some() {
        let _ = writeln!(text, "//! `{from}` and its records.\n");
    }
    text.push_str(&uses(unit, file));
    for record in records.iter().filter(|record| record.object.is_some()) {
        let Some(object) = &record.object else { continue };
        let namespaced = if object.namespaced { " namespaced" } else { "" };
        let _ = writeln!(text, "\nobject! {{\n    /// {}", record.doc);
        let (name, wave) = (&record.name, &object.wave);
        let _ = writeln!(text, "    {name} = {:?} {:?} {wave}{namespaced} {{", object.api_version, object.kind);
        props(&mut text, unit, &record.props);
        let _ = writeln!(text, "    }}\n}}");
    }
    let mut plain = records.iter().filter(|record| record.object.is_none()).peekable();
    if plain.peek().is_some() {
        let _ = writeln!(text, "\nrecord! {{");
        for record in plain {
            let _ = writeln!(text, "    /// {}\n    {} {{", record.doc, record.name);
            props(&mut text, unit, &record.props);
            let _ = writeln!(text, "    }}");
        }
        let _ = writeln!(text, "}}");
    }
    if !file.choices.is_empty() {
        let _ = writeln!(text, "\nchoices! {{");
        for choices in file.choices.iter().map(|idx| &unit.choices[*idx]) {
            let _ = writeln!(text, "    /// The values of a property.\n    {} {{", choices.name);
            for (variant, value) in &choices.variants {
                let _ = writeln!(text, "        {variant} = {value:?},");
            }
            let _ = writeln!(text, "    }}");
        }
        let _ = writeln!(text, "}}");
    }
    text
}

/// Renders the required properties, followed by the optional ones.
fn props(text: &mut String, unit: &Unit, props: &[Prop]) {
    for required in [true, false] {
        for prop in props.iter().filter(|prop| prop.required == required) {
            let _ = writeln!(text, "        {}: {} = {:?},", prop.field, rust(unit, &prop.kind), prop.key);
        }
        if required {
            let _ = writeln!(text, "    }} {{");
        }
    }
}

/// Returns the Rust type.
fn rust(unit: &Unit, kind: &Type) -> String {
    match kind {
        Type::Text => "String".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Int => "i64".to_owned(),
        Type::Float => "f64".to_owned(),
        Type::IntOrString => "IntOrString".to_owned(),
        Type::Json => "Json".to_owned(),
        Type::List(inner) => format!("List<{}>", rust(unit, inner)),
        Type::Map(inner) => format!("Map<{}>", rust(unit, inner)),
        Type::Record(idx) => unit.records[*idx].name.clone(),
        Type::Choices(idx) => unit.choices[*idx].name.clone(),
        Type::Foreign(module, name) => format!("kube::{module}::{name}"),
    }
}

fn uses(unit: &Unit, file: &File) -> String {
    let mut macros = BTreeSet::new();
    let (mut kube, mut values, mut siblings) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut foreign = false;
    macros.extend((!file.choices.is_empty()).then_some("choices"));
    for record in file.records.iter().map(|idx| &unit.records[*idx]) {
        macros.insert(if record.object.is_some() { "object" } else { "record" });
        for prop in &record.props {
            prop.kind.each(&mut |kind| match kind {
                Type::IntOrString => drop(kube.insert("IntOrString")),
                Type::Json => drop(values.insert("Json")),
                Type::List(_) => drop(values.insert("List")),
                Type::Map(_) => drop(values.insert("Map")),
                Type::Foreign(..) => foreign = true,
                Type::Record(idx) if !file.records.contains(idx) => {
                    siblings.insert(unit.records[*idx].name.as_str());
                }
                Type::Choices(idx) if !file.choices.contains(idx) => {
                    siblings.insert(unit.choices[*idx].name.as_str());
                }
                _ => {}
            });
        }
    }
    let mut text = String::new();
    if foreign {
        text.push_str("use crate as kube;\n");
    }
    let kube = ("meshsynth_model::kube", kube);
    let (macros, values) = (("meshsynth_model::l1", macros), ("meshsynth_model::val", values));
    for (module, names) in [kube, macros, values, ("super", siblings)] {
        let names: Vec<&str> = names.into_iter().collect();
        match names.as_slice() {
            [] => {}
            [name] => drop(writeln!(text, "use {module}::{name};")),
            names => drop(writeln!(text, "use {module}::{{{}}};", names.join(", "))),
        }
    }
    text
}

/// Renders the declaration of a file in its module.
pub fn declaration(unit: &Unit, file: &File) -> String {
    match &unit.kind {
        Some(_) => {
            let name = &unit.records[0].name;
            format!("pub mod {};\npub use {}::{name};\n", file.name, file.name)
        }
        None => format!("mod {};\npub use {}::*;\n", file.name, file.name),
    }
}

/// Renders `crates/kube/src/<module>/mod.rs`.
pub fn module(module: &Module, mut lines: Vec<String>) -> String {
    lines.sort();
    let versions: BTreeSet<&str> = module.kinds.iter().map(|kind| kind.api_version.as_str()).collect();
    let versions: Vec<String> = versions.into_iter().map(|version| format!("`{version}`")).collect();
    let about = if versions.is_empty() { "The records that all kinds share".to_owned() } else { versions.join(", ") };
    let sources = module.sources.join(", ");
    format!("{MARK} from {sources}; do not edit.\n\n//! {about}.\n\n{}", lines.concat())
}

/// Renders `crates/kube/src/lib.rs`.
pub fn root(modules: &[Module]) -> String {
    let mut text = format!("{MARK} from schema/kubernetes; do not edit.\n\n");
    text.push_str("//! Typed Kubernetes kinds, one module per API group.\n\n");
    text.push_str("// The kind `Prometheus` lies in the module `prometheus`.\n");
    text.push_str("#![allow(clippy::module_inception)]\n\n");
    for module in modules {
        let _ = writeln!(text, "#[rustfmt::skip]\npub mod {};", module.name);
    }
    text.push_str("\npub use meshsynth_model::kube::{IntOrString, Kind};\n");
    text
}

/// Renders `crates/facts/src/kubernetes/sources.rs`.
pub fn sources(modules: &[Module]) -> String {
    let mut text = format!("{MARK} from schema/kubernetes; do not edit.\n\n//! The facts of all modules.\n\n");
    let _ = writeln!(text, "/// The lines of each module.\n#[rustfmt::skip]");
    let _ = writeln!(text, "pub(super) const KUBERNETES: [&str; {}] = [", modules.len());
    for module in modules {
        let _ = writeln!(text, "    include_str!(\"../../schema/kubernetes/{}.jsonl\"),", module.name);
    }
    text.push_str("];\n");
    text
}
