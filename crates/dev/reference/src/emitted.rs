//! The output of an example, from its assembly.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth::{Assembly, Construct, Failure, cfn};
use serde_json::Value;

use crate::Run;
use crate::source::{Example, Library, Type};

/// The output of one construct in an example.
#[derive(Debug, Default)]
pub struct Emitted {
    /// CloudFormation types, with the IDs of the resources below the construct.
    pub resources: BTreeMap<String, BTreeSet<String>>,
    /// Kubernetes kinds, with the IDs of the objects below the construct.
    pub objects: BTreeMap<String, BTreeSet<String>>,
    /// Helm charts, with their versions.
    pub charts: BTreeMap<String, String>,
}

impl Emitted {
    /// Whether there is no output.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.objects.is_empty() && self.charts.is_empty()
    }

    /// Runs the example of a construct, and selects the resources and objects of the construct by its IDs in the
    /// example. If the example contains no such ID, selects the resources and objects that visible lines define.
    pub fn of(library: &Library, construct: &Type, example: &Example, run: &Run) -> Result<Self, String> {
        let assembly = (run.run)().synth().or_else(|failure| filled(run, failure))?;
        let manifest = assembly.files.get("manifest.json").map(String::as_str).unwrap_or_default();
        let manifest: Value = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
        let makers = library.makers(construct).into_iter().map(|(_, method)| format!(".{}", method.name));
        let calls = std::iter::once(format!("{}::new", construct.name)).chain(makers);
        let ids: Vec<String> = calls.flat_map(|call| example.ids(&call)).collect();
        let by_id = |entry: &Value| {
            let path = entry["construct"].as_str().unwrap_or_default();
            let mut below = path.split('/').skip_while(|part| ids.iter().all(|id| id != part));
            below.next()?;
            Some(below.collect::<Vec<_>>().join("/"))
        };
        let emitted = Self::picked(&manifest, &by_id);
        if !emitted.is_empty() {
            return Ok(emitted);
        }
        let by_line = |entry: &Value| {
            let line = entry["source"].as_str().and_then(|source| source.rsplit(':').nth(1)?.parse::<usize>().ok());
            let line = line.and_then(|line| example.lines().get(line.checked_sub(run.line)?))?;
            (!line.starts_with("# ")).then(|| entry["construct"].as_str().unwrap_or_default().to_owned())
        };
        Ok(Self::picked(&manifest, &by_line))
    }

    /// Selects the entries of the manifest for which `id` returns an ID relative to the construct.
    fn picked(manifest: &Value, id: &dyn Fn(&Value) -> Option<String>) -> Self {
        let mut emitted = Self::default();
        for stack in list(&manifest["stacks"]) {
            for entry in stack["resources"].as_object().into_iter().flat_map(|it| it.values()) {
                if let Some(id) = id(entry) {
                    emitted.resources.entry(text(&entry["type"])).or_default().insert(id);
                }
            }
        }
        for cluster in list(&manifest["clusters"]) {
            for entry in list(&cluster["objects"]) {
                if let Some(id) = id(entry) {
                    emitted.objects.entry(text(&entry["kind"])).or_default().insert(id);
                }
            }
            for entry in list(&cluster["releases"]).filter(|it| id(it).is_some()) {
                emitted.charts.insert(text(&entry["chart"]), text(&entry["version"]));
            }
        }
        emitted
    }
}

/// Runs the example again with a resource in each empty stack. An example that defines only cluster objects has empty
/// stacks.
fn filled(run: &Run, failure: Failure) -> Result<Assembly, String> {
    let app = (run.run)();
    for diagnostic in &failure.diagnostics {
        match app.scope().child(&diagnostic.construct).filter(|_| diagnostic.code == "MS0111") {
            Some(stack) => drop(cfn::sns::Topic::new().define(&stack, "frame-of-the-example")),
            None => return Err(failure.to_string()),
        }
    }
    app.synth().map_err(|failure| failure.to_string())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
