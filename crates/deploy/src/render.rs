//! Renders manifests and values as they would be applied, for GitOps.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::assembly::{Assembly, Binding};
use crate::executor::Outputs;
use crate::failure::Failure;
use crate::kube::fill;

/// The marker of a rendered folder, which can be replaced.
const MARKER: &str = ".meshsynth-rendered";

/// The format of the file with values.
const FORM: &str =
    "the file must have the form `{\"<stack>\": {\"<output>\": \"<value>\"}, \"${<placeholder>}\": \"<value>\"}`";

/// Values that replace AWS queries: stack outputs and placeholder values, including looked-up values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    outputs: Outputs,
    values: BTreeMap<String, String>,
}

/// Parses `{"<stack>": {"<output>": "<value>"}, "${<placeholder>}": "<value>"}`.
pub fn given(text: &str) -> Result<Given> {
    let rows: BTreeMap<String, Value> = serde_json::from_str(text).context(FORM)?;
    let mut given = Given::default();
    for (key, value) in rows {
        match value {
            Value::String(text) => drop(given.values.insert(key, text)),
            value => drop(given.outputs.insert(key, serde_json::from_value(value).context(FORM)?)),
        }
    }
    Ok(given)
}

impl Given {
    /// Returns the placeholder values. The failure shows the required entries for all missing values.
    pub fn values(&self, assembly: &Assembly, wanted: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Failure> {
        let (mut out, mut notes, mut missing) = (BTreeMap::new(), Vec::new(), Map::new());
        for key in wanted {
            let Binding { stack, output, lookup } = &assembly.bindings[key];
            let of_stack = || self.outputs.get(stack)?.get(output);
            let value = self.values.get(key).or_else(|| of_stack().filter(|_| lookup.is_none()));
            match (value.filter(|value| !value.is_empty()), lookup) {
                (Some(value), _) => drop(out.insert(key.clone(), value.clone())),
                (None, Some(lookup)) => {
                    let of = of_stack()
                        .map_or_else(|| format!("the output `{output}` of stack `{stack}`"), |it| format!("`{it}`"));
                    notes.push(format!("`{key}` requires `{}` of `{}`, looked up for {of}", lookup.field, lookup.call));
                    missing.insert(key.clone(), json!(""));
                }
                (None, None) => {
                    notes.push(format!("`{key}` requires the output `{output}` of stack `{stack}`"));
                    missing.entry(stack).or_insert_with(|| json!({}))[output] = json!("");
                }
            }
        }
        if notes.is_empty() {
            return Ok(out);
        }
        let text = match notes.len() {
            1 => "1 value is missing, so no manifest is rendered".to_owned(),
            count => format!("{count} values are missing, so no manifest is rendered"),
        };
        let mut failure = Failure::new(text, format!("add them to the file: {}", Value::Object(missing)));
        failure.notes = notes;
        failure.notes.extend(self.unknown(assembly));
        Err(failure)
    }

    /// Returns notes about unused entries, for a failure with missing values.
    fn unknown(&self, assembly: &Assembly) -> Vec<String> {
        let stacks = self.outputs.keys().filter(|id| assembly.stack(id).is_none());
        let stacks = stacks.map(|id| format!("the file contains `{id}`, which is not a stack of the output"));
        let values = self.values.keys().filter(|key| !assembly.bindings.contains_key(*key));
        stacks
            .chain(values.map(|key| format!("the file contains `{key}`, which is not a placeholder of the output")))
            .collect()
    }
}

/// Returns the placeholders in manifests and chart values.
pub fn wanted(assembly: &Assembly) -> BTreeSet<String> {
    let paths = assembly.files.iter().filter(|(path, _)| path.starts_with("k8s/") || path.starts_with("helm/"));
    let texts: Vec<&String> = paths.map(|(_, text)| text).collect();
    let is_in = |key: &&String| texts.iter().any(|text| text.contains(key.as_str()));
    assembly.bindings.keys().filter(is_in).cloned().collect()
}

/// Returns every manifest and values file with resolved placeholders, by path.
pub fn files(assembly: &Assembly, values: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    for cluster in &assembly.manifest.clusters {
        let objects = cluster.objects.iter().map(|object| &object.path);
        for path in objects.chain(cluster.releases.iter().map(|release| &release.values)) {
            let text = &assembly.files[path];
            if !assembly.bindings.keys().any(|key| text.contains(key.as_str())) {
                out.insert(path.clone(), text.clone());
                continue;
            }
            let mut document = assembly.document(path)?;
            fill(&mut document, values);
            out.insert(path.clone(), yaml(&document).with_context(|| format!("cannot write `{path}`"))?);
        }
    }
    Ok(out)
}

/// Formats a document as YAML.
pub fn yaml(document: &Value) -> Result<String> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    Ok(serde_yaml::to_string_with_options(document, options)?)
}

/// Writes files into a rendered folder. Removes all other files from it.
pub fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(_) if !folder.join(MARKER).exists() && !is_empty(folder) => {
            bail!("`{shown}` contains files that meshsynth did not render; specify another folder");
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read `{shown}`")),
    }
    let (beside, old) = (beside(folder, "new"), beside(folder, "old"));
    let put = || {
        fill_folder(&beside, files)?;
        // The old folder remains complete until the new folder replaces it.
        let is_there = folder.exists();
        if is_there {
            let _ = fs::remove_dir_all(&old);
            fs::rename(folder, &old).with_context(|| format!("cannot rename `{shown}`"))?;
        }
        fs::rename(&beside, folder).with_context(|| format!("cannot write `{shown}`")).inspect_err(|_| {
            if is_there {
                let _ = fs::rename(&old, folder);
            }
        })?;
        if is_there {
            fs::remove_dir_all(&old).with_context(|| format!("cannot remove `{}`", old.display()))?;
        }
        Ok(())
    };
    put().inspect_err(|_| {
        // The first error is more important than a failed cleanup.
        let _ = fs::remove_dir_all(&beside);
    })
}

/// Returns a path for a temporary folder with the same parent.
fn beside(folder: &Path, ending: &str) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    folder.with_file_name(format!(".{name}.{}.{ending}", std::process::id()))
}

fn fill_folder(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    let marker = (MARKER, "Rendered by meshsynth: do not edit.\n");
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    for (path, text) in files.chain([marker]) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
