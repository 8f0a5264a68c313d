//! Kubernetes: built-in kinds of the API server and kinds of custom resource definitions.
//!
//! Each module of `crates/kube/src/` has one file in `crates/facts/schema/kubernetes/` with one fact
//! on each line: first the source, then the kinds, then their shared definitions.

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

/// The facts about a module.
#[derive(Default)]
struct Module {
    sources: BTreeSet<String>,
    kinds: BTreeMap<String, Kind>,
    definitions: BTreeMap<String, Value>,
}

/// The facts about a kind.
struct Kind {
    api_version: String,
    namespaced: bool,
    schema: Value,
}

/// The modules by name.
#[derive(Default)]
struct Facts(BTreeMap<String, Module>);

/// A part of the schemas that can be reduced separately.
#[derive(Clone, Copy, ValueEnum)]
pub enum Part {
    /// The built-in kinds of the API server, from `kubernetes/`.
    ApiServer,
    /// The kinds of npm packages, from `npm/`.
    Npm,
}

/// Reduces the schemas below `from` to `crates/facts/schema/kubernetes/`, and stores the
/// definitions of custom resources for the tests. With `only`, reduces one part and keeps the other files.
pub fn run(root: &Path, from: &Path, only: Option<Part>) -> Result<()> {
    let mut facts = Facts::default();
    if let Some(Part::Npm) = only {
        dts::read(&mut facts, &from.join("npm"))?;
        return facts.write(&root.join("crates/facts/schema/kubernetes"));
    }
    openapi::read(&mut facts, &files(&from.join("kubernetes"), "json")?)?;
    if let Some(Part::ApiServer) = only {
        facts.check()?;
        return facts.write(&root.join("crates/facts/schema/kubernetes"));
    }
    let crds = files(&from.join("crds"), "yaml")?;
    crd::read(&mut facts, &crds)?;
    crd::write_definitions(&root.join("crates/facts/schema/definitions"), &crds)?;
    dts::read(&mut facts, &from.join("npm"))?;
    facts.check()?;
    facts.write(&root.join("crates/facts/schema/kubernetes"))?;
    copy(&crds, &root.join("tests/schemas/crds"))?;
    scalers(root, from)
}

impl Facts {
    fn module(&mut self, name: &str, source: &str) -> &mut Module {
        let module = self.0.entry(name.to_owned()).or_default();
        module.sources.insert(source.to_owned());
        module
    }

    /// Checks that every referenced definition exists.
    fn check(&self) -> Result<()> {
        for module in self.0.values() {
            let schemas = module.kinds.values().map(|kind| &kind.schema).chain(module.definitions.values());
            for name in schemas.flat_map(reduce::references) {
                let (of, _) = name.split_once('.').context("a definition has no module")?;
                if !self.0.get(of).is_some_and(|module| module.definitions.contains_key(&name)) {
                    bail!("the definition `{name}` does not exist");
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
                // The loader finds a kind by the beginning of its line, so the order of fields is fixed.
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

/// Returns the sorted files of a folder with this extension.
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

/// Returns a file name without its extension, such as `istio-1.30.3`.
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

/// Writes the parameters of KEDA's scalers, which are not in its definitions.
fn scalers(root: &Path, from: &Path) -> Result<()> {
    let files = files(&from.join("keda"), "json")?;
    let [file] = files.as_slice() else { bail!("found {} scaler files, expected one", files.len()) };
    let mut scalers: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    scalers["source"] = json!(stem(file));
    fs::create_dir_all(root.join("crates/facts/schema/keda"))?;
    fs::write(root.join("crates/facts/schema/keda/scalers.json"), format!("{scalers}\n"))?;
    Ok(())
}
