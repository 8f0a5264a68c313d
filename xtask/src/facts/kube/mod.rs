//! Kubernetes: the API server's own kinds and those of custom resource definitions.
//!
//! One file of `types/schema/kubernetes/` per module of `types/src/kube/`, one fact per
//! line: first the source, then the kinds, then the definitions they share.

mod crd;
mod dts;
mod kinds;
mod openapi;
mod reduce;
mod waves;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::{Value, json};

/// What is kept of a module.
#[derive(Default)]
struct Module {
    sources: BTreeSet<String>,
    kinds: BTreeMap<String, Kind>,
    definitions: BTreeMap<String, Value>,
}

/// What is kept of a kind.
struct Kind {
    api_version: String,
    namespaced: bool,
    schema: Value,
}

/// The modules by name.
#[derive(Default)]
struct Facts(BTreeMap<String, Module>);

/// A part of the schemas that can be reduced without the others.
#[derive(Clone, Copy, ValueEnum)]
pub enum Part {
    /// The API server's own kinds, from `kubernetes/`.
    ApiServer,
    /// The kinds of npm packages, from `npm/`.
    Npm,
}

/// Reduces the schemas below `from` to `types/schema/kubernetes/`, and keeps the
/// definitions of custom resources for the tests; or one part, which leaves the files of the others as they are.
pub fn run(root: &Path, from: &Path, only: Option<Part>) -> Result<()> {
    let mut facts = Facts::default();
    if let Some(Part::Npm) = only {
        dts::read(&mut facts, &from.join("npm"))?;
        return facts.write(&root.join("types/schema/kubernetes"));
    }
    openapi::read(&mut facts, &files(&from.join("kubernetes"), "json")?)?;
    if let Some(Part::ApiServer) = only {
        facts.check()?;
        return facts.write(&root.join("types/schema/kubernetes"));
    }
    let crds = files(&from.join("crds"), "yaml")?;
    crd::read(&mut facts, &crds)?;
    crd::write_definitions(&root.join("types/schema/definitions"), &crds)?;
    dts::read(&mut facts, &from.join("npm"))?;
    facts.check()?;
    facts.write(&root.join("types/schema/kubernetes"))?;
    copy(&crds, &root.join("tests/schemas/crds"))?;
    scalers(root, from)
}

impl Facts {
    fn module(&mut self, name: &str, source: &str) -> &mut Module {
        let module = self.0.entry(name.to_owned()).or_default();
        module.sources.insert(source.to_owned());
        module
    }

    /// Every definition that is named exists.
    fn check(&self) -> Result<()> {
        for module in self.0.values() {
            let schemas = module.kinds.values().map(|kind| &kind.schema).chain(module.definitions.values());
            for name in schemas.flat_map(reduce::references) {
                let (of, _) = name.split_once('.').context("a definition has no module")?;
                if !self.0.get(of).is_some_and(|module| module.definitions.contains_key(&name)) {
                    bail!("the definition `{name}` is not there");
                }
            }
        }
        Ok(())
    }

    fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        waves::check(
            |module| self.0.contains_key(module),
            |name| {
                name.split_once('.')
                    .is_some_and(|(module, kind)| self.0.get(module).is_some_and(|it| it.kinds.contains_key(kind)))
            },
        )?;
        for (name, module) in &self.0 {
            let mut text = String::new();
            writeln!(text, "{}", json!({ "sources": module.sources }))?;
            for (kind, facts) in &module.kinds {
                // The loader finds a kind by the beginning of its line, so the order is fixed.
                let (api_version, namespaced, schema) = (&facts.api_version, facts.namespaced, &facts.schema);
                let wave = waves::wave(name, kind);
                write!(
                    text,
                    r#"{{"apiVersion":"{api_version}","kind":"{kind}","wave":"{wave}","namespaced":{namespaced},"#
                )?;
                let immutable = kinds::immutable(api_version, kind);
                if !immutable.is_empty() {
                    write!(text, r#""immutable":{},"#, json!(immutable))?;
                }
                writeln!(text, r#""schema":{schema}}}"#)?;
            }
            for (definition, schema) in &module.definitions {
                writeln!(text, r#"{{"definition":"{definition}","schema":{schema}}}"#)?;
            }
            fs::write(folder.join(format!("{name}.jsonl")), text)?;
        }
        Ok(())
    }
}

/// The files of a folder that end so, in their order.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        files.extend(path.extension().is_some_and(|known| known == extension).then_some(path));
    }
    files.sort();
    Ok(files)
}

/// A file's name without its ending: `istio-1.30.3`.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn copy(files: &[PathBuf], to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in files {
        fs::write(to.join(file.file_name().unwrap_or_default()), fs::read(file)?)?;
    }
    Ok(())
}

/// The parameters of KEDA's scalers, which its definition leaves open.
fn scalers(root: &Path, from: &Path) -> Result<()> {
    let files = files(&from.join("keda"), "json")?;
    let [file] = files.as_slice() else { bail!("{} files of scalers, not one", files.len()) };
    let mut scalers: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    scalers["source"] = json!(stem(file));
    fs::create_dir_all(root.join("types/schema/keda"))?;
    fs::write(root.join("types/schema/keda/scalers.json"), format!("{scalers}\n"))?;
    Ok(())
}
