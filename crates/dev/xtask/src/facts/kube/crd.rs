//! Custom resource definitions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Facts, Kind, reduce, stem};

/// Returns the module of an API group.
fn module(group: &str) -> Result<&'static str> {
    Ok(match group {
        "argoproj.io" => "argo",
        "gateway.networking.k8s.io" => "gateway",
        "extensions.istio.io" | "networking.istio.io" | "security.istio.io" | "telemetry.istio.io" => "istio",
        "eventing.keda.sh" | "keda.sh" => "keda",
        "karpenter.k8s.aws" | "karpenter.sh" => "karpenter",
        "monitoring.coreos.com" => "prometheus",
        _ => bail!("the group `{group}` has no module"),
    })
}

/// Reads the newest stable served version of each definition.
pub fn read(facts: &mut Facts, files: &[PathBuf]) -> Result<()> {
    for file in files {
        for document in &definitions(file)? {
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

/// Returns the definitions in a file.
fn definitions(file: &Path) -> Result<Vec<Value>> {
    let options = serde_yaml::options! { budget: None };
    let documents: Vec<Value> = serde_yaml::from_multiple_with_options(&fs::read_to_string(file)?, options)
        .with_context(|| format!("cannot read {}", file.display()))?;
    Ok(documents.into_iter().filter(|document| document["kind"] == "CustomResourceDefinition").collect())
}

/// Kinds whose only served version is newer than the version that Istio uses.
const TOO_NEW: [&str; 2] = ["TCPRoute", "UDPRoute"];

/// Writes the definitions of `addons::GatewayApiDefinitions`, one line each, without descriptions.
pub fn write_definitions(folder: &Path, files: &[PathBuf]) -> Result<()> {
    let mut lines = String::new();
    for file in files.iter().filter(|file| stem(file).starts_with("gateway-api")) {
        for mut definition in definitions(file)? {
            if TOO_NEW.iter().any(|kind| definition["spec"]["names"]["kind"] == *kind) {
                continue;
            }
            definition.as_object_mut().and_then(|it| it.remove("status"));
            for version in definition["spec"]["versions"].as_array_mut().into_iter().flatten() {
                without_prose(&mut version["schema"]["openAPIV3Schema"]);
            }
            lines += &format!("{definition}\n");
        }
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("gateway-api.jsonl"), lines)?;
    Ok(())
}

/// Removes the descriptions of a schema, but not properties with the name `description`.
fn without_prose(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if schema.get("description").is_some_and(Value::is_string) {
        schema.remove("description");
    }
    for (key, inner) in schema.iter_mut() {
        match (key.as_str(), inner) {
            ("properties", Value::Object(map)) => map.values_mut().for_each(without_prose),
            ("items" | "additionalProperties" | "not", inner) => without_prose(inner),
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => list.iter_mut().for_each(without_prose),
            _ => {}
        }
    }
}

/// Returns a sort key of versions: alpha, beta, stable, and then the number. `v1` follows `v1beta2`.
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
