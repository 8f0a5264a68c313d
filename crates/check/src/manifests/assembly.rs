//! Reads the clusters of an assembly that `meshsynth synth` wrote.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth::val::{Bag, Data};
use meshsynth::{Contents, Release};
use meshsynth_assembly::is_assembly;
use serde_json::Value;

use crate::sources::{Given, Source, source};
use crate::yaml;

/// The content of a cluster, and the sources of its parts.
type Cluster = (Contents, Vec<Source>);

/// Returns the folders of the given assemblies: a single one, or all in an output folder.
pub fn folders(given: &Given) -> Vec<PathBuf> {
    let Given::Path(folder) = given else { return Vec::new() };
    if is_assembly(folder) {
        return vec![folder.clone()];
    }
    let mut apps: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    apps.retain(|app| is_assembly(app));
    apps.sort();
    apps
}

/// Returns the clusters of an assembly.
pub fn clusters(folder: &Path) -> Result<Vec<Cluster>> {
    let text = fs::read_to_string(folder.join("manifest.json")).context("cannot read `manifest.json`")?;
    let manifest: Value = serde_json::from_str(&text).context("`manifest.json` is not valid JSON")?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut clusters = Vec::new();
    for cluster in list(&manifest["clusters"]) {
        let mut sources = Vec::new();
        for object in list(&cluster["objects"]) {
            sources.push(source(&folder.join(string(&object["path"])))?);
        }
        let releases = list(&cluster["releases"]).iter().map(|it| release(folder, it)).collect::<Result<_>>()?;
        let contents = Contents {
            cluster: string(&cluster["id"]),
            version: string(&cluster["version"]),
            namespace: "default".to_owned(),
            releases,
            ..Contents::default()
        };
        clusters.push((contents, sources));
    }
    Ok(clusters)
}

fn release(folder: &Path, row: &Value) -> Result<Release> {
    let source = source(&folder.join(string(&row["values"])))?;
    let documents = yaml::read(&source.text).unwrap_or_default();
    let values = match documents.first().map(yaml::Marked::data) {
        Some(Data::Map(values)) => values,
        _ => Bag::default(),
    };
    Ok(Release {
        name: string(&row["name"]),
        namespace: string(&row["namespace"]),
        repository: string(&row["repository"]),
        chart: string(&row["chart"]),
        version: string(&row["version"]),
        values,
    })
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
