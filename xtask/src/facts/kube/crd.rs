//! Custom resource definitions.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Facts, Kind, reduce, stem};

/// The module of an API group.
fn module(group: &str) -> Result<&'static str> {
    Ok(match group {
        "argoproj.io" => "argo",
        "gateway.networking.k8s.io" => "gateway",
        "extensions.istio.io" | "networking.istio.io" | "security.istio.io" | "telemetry.istio.io" => "istio",
        "eventing.keda.sh" | "keda.sh" => "keda",
        "monitoring.coreos.com" => "prometheus",
        _ => bail!("the group `{group}` has no module"),
    })
}

/// Reads the newest stable served version of each definition.
pub fn read(facts: &mut Facts, files: &[PathBuf]) -> Result<()> {
    for file in files {
        let text = fs::read_to_string(file)?;
        let options = serde_yaml::options! { budget: None };
        let documents: Vec<Value> = serde_yaml::from_multiple_with_options(&text, options)
            .with_context(|| format!("cannot read {}", file.display()))?;
        for document in documents.iter().filter(|document| document["kind"] == "CustomResourceDefinition") {
            let spec = &document["spec"];
            let (group, name) = (text_at(spec, "/group")?, text_at(spec, "/names/kind")?);
            let versions = spec["versions"].as_array().into_iter().flatten();
            let version = versions
                .filter(|version| version["served"] == true)
                .max_by_key(|version| stability(version["name"].as_str().unwrap_or_default()))
                .with_context(|| format!("`{name}` has no served version"))?;
            let kind = Kind {
                api_version: format!("{group}/{}", text_at(version, "/name")?),
                namespaced: text_at(spec, "/scope")? == "Namespaced",
                schema: reduce::kind(&version["schema"]["openAPIV3Schema"]),
            };
            let module = facts.module(module(group)?, &stem(file));
            if module.kinds.insert(name.to_owned(), kind).is_some() {
                bail!("`{name}` is defined twice in one module");
            }
        }
    }
    Ok(())
}

/// Stable versions after betas after alphas, then by number: `v1` after `v1beta2`.
fn stability(version: &str) -> (u8, Vec<u32>) {
    let stage = match version {
        _ if version.contains("alpha") => 0,
        _ if version.contains("beta") => 1,
        _ => 2,
    };
    (stage, version.split(|ch: char| !ch.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect())
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("a definition has no `{pointer}`"))
}
