//! Manifests and values as they would be applied, for GitOps.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::assembly::Assembly;
use crate::executor::Outputs;
use crate::kube::fill;

/// Says that a folder is ours, so that it may be replaced.
const MARKER: &str = ".meshsynth-rendered";

/// Reads outputs, `{"<stack>": {"<output>": "<value>"}}`, and values of placeholders that are looked up, `{"${..}": ".."}`.
pub fn outputs(text: &str) -> Result<(Outputs, BTreeMap<String, String>)> {
    let wanted = "it reads `{\"<stack>\": {\"<output>\": \"<value>\"}, \"${<placeholder>}\": \"<value>\"}`";
    let value: BTreeMap<String, Value> = serde_json::from_str(text).context(wanted)?;
    let (mut outputs, mut values) = (Outputs::new(), BTreeMap::new());
    for (key, value) in value {
        match value {
            Value::String(text) if key.starts_with("${") => {
                values.insert(key, text);
            }
            value => {
                outputs.insert(key, serde_json::from_value(value).context(wanted)?);
            }
        }
    }
    Ok((outputs, values))
}

/// Every manifest and every values file, with its placeholders filled, by path.
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

/// A document as YAML.
pub fn yaml(document: &Value) -> Result<String> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    Ok(serde_yaml::to_string_with_options(document, options)?)
}

/// Writes files into a folder of ours, which holds nothing else afterwards.
pub fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(_) if !folder.join(MARKER).exists() && !is_empty(folder) => {
            bail!("`{shown}` holds files that meshsynth did not render; name another folder");
        }
        Ok(_) => fs::remove_dir_all(folder).with_context(|| format!("cannot empty `{shown}`"))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read `{shown}`")),
    }
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
