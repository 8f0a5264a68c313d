//! Changes of `owners.json` as sentences: new and removed tasks for the owners of existing resources.

use std::collections::BTreeMap;

use meshsynth_assembly::OwnerTask;
use meshsynth_model::words;
use serde_json::Value;

/// Returns a sentence for each owner whose tasks change, or `None` if the file is not a list of tasks. Other lines of the
/// program are no change.
pub fn sentences(path: &str, old: &str, new: &str) -> Option<Vec<String>> {
    if path != "owners.json" {
        return None;
    }
    let (old, new) = (tasks(old)?, tasks(new)?);
    let mut found = Vec::new();
    for (word, one, other) in [("new", &new, &old), ("removed", &old, &new)] {
        let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let is_known = |task: &OwnerTask| other.iter().any(|it| key(it) == key(task));
        for task in one.iter().filter(|task| !is_known(task)) {
            owners.entry(&task.owner).or_default().push(&task.what);
        }
        for (owner, mut what) in owners {
            let n = words::count(what.len(), &format!("{word} task"));
            what.dedup();
            found.push(format!("{n} for the owner of `{owner}`: {}", what.join("; ")));
        }
    }
    if found.is_empty() {
        found.push("the tasks are the same, but other lines of the program require them".to_owned());
    }
    Some(found)
}

fn key(task: &OwnerTask) -> (&str, &str, &Value) {
    (&task.owner, &task.what, &task.document)
}

fn tasks(text: &str) -> Option<Vec<OwnerTask>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let value: Value = serde_json::from_str(text).ok()?;
    serde_json::from_value(value["tasks"].clone()).ok()
}
