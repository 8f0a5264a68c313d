//! The facts about resource types in `crates/facts/schema/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::codegen::case;

/// The service of AWS SAM types, which SAM converts to other resources.
pub const SERVERLESS: &str = "serverless";

/// The facts about one resource type.
pub struct Facts {
    /// The type name, such as `AWS::EC2::Subnet`.
    pub name: String,
    /// The Rust name, such as `Subnet`.
    pub rust_name: String,
    /// The service, such as `ec2`.
    pub service: String,
    /// The schema of its properties.
    pub schema: Value,
    /// The schemas that it refers to.
    pub definitions: Map<String, Value>,
    /// The paths of properties that AWS sets.
    pub read_only: Vec<String>,
    /// The property that `Ref` returns.
    pub reference: Option<String>,
}

/// Reads all services, sorted by service and type.
pub fn read(root: &Path) -> Result<Vec<Facts>> {
    let folder = root.join("crates/facts/schema/cloudformation");
    // The types of AWS SAM are not in the registry, so they have a separate file.
    let mut paths = vec![root.join(format!("crates/facts/schema/{SERVERLESS}.jsonl"))];
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort_by_key(|path| path.file_stem().map(ToOwned::to_owned));
    let mut facts = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let service = path.file_stem().and_then(|stem| stem.to_str()).context("a service has no name")?;
        for line in text.lines() {
            facts.push(one(service, line).with_context(|| path.display().to_string())?);
        }
    }
    Ok(facts)
}

fn one(service: &str, line: &str) -> Result<Facts> {
    let mut line: Map<String, Value> = serde_json::from_str(line)?;
    let texts = |value: Option<Value>| {
        let items = value.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let name = line["name"].as_str().context("a type has no name")?.to_owned();
    let (_, last) = name.rsplit_once("::").context("a type has no service")?;
    Ok(Facts {
        rust_name: case::pascal(last),
        name,
        service: service.to_owned(),
        schema: line.remove("schema").context("a type has no schema")?,
        definitions: line.remove("definitions").and_then(|it| it.as_object().cloned()).unwrap_or_default(),
        read_only: texts(line.remove("readOnly")),
        reference: line.remove("ref").and_then(|it| it.as_str().map(str::to_owned)),
    })
}
