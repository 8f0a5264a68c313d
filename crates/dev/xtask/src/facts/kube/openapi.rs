//! Built-in kinds of the API server, from its OpenAPI document.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::kinds::GROUPS;
use super::{Facts, Kind, reduce, stem};

const API: &str = "io.k8s.api.";
/// The modules whose definitions belong to another server than the API server.
const BESIDE: [(&str, &str); 2] = [
    ("apiextensions", "io.k8s.apiextensions-apiserver.pkg.apis."),
    ("apiregistration", "io.k8s.kube-aggregator.pkg.apis."),
];
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// Reads the newest document of a folder.
pub fn read(facts: &mut Facts, files: &[PathBuf]) -> Result<()> {
    let file = files.last().context("no OpenAPI document")?;
    let document: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let definitions = &document["definitions"];
    let source = format!("Kubernetes {}", stem(file).rsplit('-').next().unwrap_or_default());
    let mut open = vec!["meta.ObjectMeta".to_owned(), "meta.LabelSelector".to_owned()];
    for (module, group, version, namespaced, cluster) in GROUPS {
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        for name in namespaced.iter().chain(cluster) {
            let schema = definitions.get(vendor_name(module, name)?);
            let schema = schema.with_context(|| format!("`{api_version}` `{name}` does not exist"))?;
            let schema = reduce::kind(&named(schema)?);
            open.extend(reduce::references(&schema));
            let kind = Kind { api_version: api_version.clone(), namespaced: namespaced.contains(name), schema };
            facts.module(module, &source).kinds.insert((*name).to_owned(), kind);
        }
    }
    while let Some(name) = open.pop() {
        let (module, short) = name.split_once('.').context("a definition has no module")?;
        if facts.module(module, &source).definitions.contains_key(&name) {
            continue;
        }
        let schema = definitions.get(vendor_name(module, short)?);
        let schema =
            reduce::reduce(&named(schema.with_context(|| format!("the definition `{name}` does not exist"))?)?);
        open.extend(reduce::references(&schema));
        facts.module(module, &source).definitions.insert(name, schema);
    }
    Ok(())
}

/// Returns a schema with our short names for definitions. Plain definitions are inlined.
fn named(schema: &Value) -> Result<Value> {
    match schema {
        Value::Object(map) => match map.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let mut plain = short_name(reference)?;
                if let (Value::Object(plain), Some(default)) = (&mut plain, map.get("default")) {
                    plain.insert("default".to_owned(), default.clone());
                }
                Ok(plain)
            }
            None => map.iter().map(|(key, value)| Ok((key.clone(), named(value)?))).collect(),
        },
        Value::Array(items) => items.iter().map(named).collect(),
        _ => Ok(schema.clone()),
    }
}

fn short_name(reference: &str) -> Result<Value> {
    let name = reference.rsplit('/').next().unwrap_or_default();
    let last = name.rsplit('.').next().unwrap_or_default();
    Ok(match last {
        "IntOrString" => json!({ "x-kubernetes-int-or-string": true }),
        "Quantity" => json!({ "x-kubernetes-int-or-string": true, "format": "quantity" }),
        "Time" | "MicroTime" => json!({ "type": "string", "format": "date-time" }),
        // The OpenAPI document has no type for these values, which may have any type.
        "JSON" | "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray" => {
            json!({ "x-kubernetes-preserve-unknown-fields": true })
        }
        "RawExtension" => json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true }),
        "FieldsV1" => json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true }),
        _ if name.starts_with(META) => json!({ "$ref": format!("meta.{last}") }),
        _ => {
            let beside = BESIDE.iter().find_map(|(_, prefix)| name.strip_prefix(prefix));
            let group = beside.or_else(|| name.strip_prefix(API)).and_then(|rest| rest.split('.').next());
            json!({ "$ref": format!("{}.{last}", group.with_context(|| format!("the group of `{name}` is unknown"))?) })
        }
    })
}

fn vendor_name(module: &str, short: &str) -> Result<String> {
    if module == "meta" {
        return Ok(format!("{META}{short}"));
    }
    match GROUPS.iter().find(|group| group.0 == module) {
        Some((_, _, version, ..)) => {
            let beside = BESIDE.iter().find(|(known, _)| *known == module);
            let prefix = beside.map_or(API, |(_, prefix)| prefix);
            Ok(format!("{prefix}{module}.{version}.{short}"))
        }
        None => bail!("a generated kind requires `{module}.{short}`, whose group is not generated"),
    }
}
