//! What an example comes to: it is compiled, and the assembly is looked at.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Run;
use crate::source::{Example, Library, Type};

/// What one construct of an example becomes.
#[derive(Debug, Default)]
pub struct Emitted {
    /// Types of CloudFormation, with how many there are.
    pub resources: BTreeMap<String, usize>,
    /// Kinds of Kubernetes, with how many there are.
    pub objects: BTreeMap<String, usize>,
    /// Helm charts, with their versions.
    pub charts: BTreeMap<String, String>,
}

impl Emitted {
    /// Whether nothing comes of it.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.objects.is_empty() && self.charts.is_empty()
    }

    /// Runs the example of a construct, and picks what comes of the construct: what lies below its ids or, where the example
    /// gives it none, what is defined in the lines that a reader sees.
    pub fn of(library: &Library, construct: &Type, example: &Example, run: &Run) -> Result<Self, String> {
        let assembly = (run.run)().synth().map_err(|failure| failure.to_string())?;
        let manifest = assembly.files.get("manifest.json").map(String::as_str).unwrap_or_default();
        let manifest: Value = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
        let makers = library.makers(construct).into_iter().map(|(_, method)| format!(".{}", method.name));
        let calls = std::iter::once(format!("{}::new", construct.name)).chain(makers);
        let ids: Vec<String> = calls.flat_map(|call| example.ids(&call)).collect();
        let by_id = |entry: &Value| {
            let path = entry["construct"].as_str().unwrap_or_default();
            path.split('/').any(|part| ids.iter().any(|id| id == part))
        };
        let emitted = Self::picked(&manifest, &by_id);
        if !emitted.is_empty() {
            return Ok(emitted);
        }
        let by_line = |entry: &Value| {
            let line = entry["source"].as_str().and_then(|source| source.rsplit(':').nth(1)?.parse::<usize>().ok());
            line.and_then(|line| example.lines().get(line.checked_sub(run.line)?))
                .is_some_and(|line| !line.starts_with("# "))
        };
        Ok(Self::picked(&manifest, &by_line))
    }

    fn picked(manifest: &Value, is_own: &dyn Fn(&Value) -> bool) -> Self {
        let mut emitted = Self::default();
        for stack in list(&manifest["stacks"]) {
            for entry in stack["resources"].as_object().into_iter().flat_map(|it| it.values()).filter(|it| is_own(it)) {
                *emitted.resources.entry(text(&entry["type"])).or_default() += 1;
            }
        }
        for cluster in list(&manifest["clusters"]) {
            for entry in list(&cluster["objects"]).filter(|it| is_own(it)) {
                *emitted.objects.entry(text(&entry["kind"])).or_default() += 1;
            }
            for entry in list(&cluster["releases"]).filter(|it| is_own(it)) {
                emitted.charts.insert(text(&entry["chart"]), text(&entry["version"]));
            }
        }
        emitted
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
