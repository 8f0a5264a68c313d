//! Kubernetes: generates kinds and their records.

mod embed;
mod facts;
mod files;
mod find;
mod fixups;
mod model;
mod names;
mod render;
mod shape;
mod unit;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::Out;
use super::out::MARK;
use facts::Module;
use model::Unit;

/// Generates `crates/kube/src/` from `crates/facts/schema/kubernetes/`.
pub fn generate(root: &Path, out: &mut Out) -> Result<()> {
    let mut modules = facts::load(root)?;
    fixups::apply(&mut modules)?;
    let embed = embed::Embed::new(&modules);
    let mut names = fixups::Names::default();
    let mut units = Vec::new();
    for module in &modules {
        for (file, roots) in module.units() {
            units.push((module, Unit::new(module, file, roots, &embed, &mut names)?));
        }
    }
    names.all_needed()?;
    let foreign: BTreeSet<String> = units.iter().flat_map(|(module, unit)| unit.foreign(&module.name)).collect();
    out.owns("crates/kube/src", MARK);
    for module in &modules {
        let units = units.iter().filter(|(of, _)| of.name == module.name).map(|(_, unit)| unit);
        module_files(out, module, units, &foreign);
    }
    out.file("crates/kube/src/lib.rs", render::root(&modules));
    out.file("crates/facts/src/kubernetes/sources.rs", render::sources(&modules));
    Ok(())
}

/// Generates the files of one module.
fn module_files<'a>(out: &mut Out, module: &Module, units: impl Iterator<Item = &'a Unit>, foreign: &BTreeSet<String>) {
    let folder = format!("crates/kube/src/{}", module.name);
    let mut lines = Vec::new();
    for unit in units {
        for file in files::split(unit, foreign) {
            lines.push(render::declaration(unit, &file));
            out.file(format!("{folder}/{}.rs", file.name), render::file(module, unit, &file));
        }
    }
    out.file(format!("{folder}/mod.rs"), render::module(module, lines));
}
