//! `meshsynth list --owners`: tasks for the owners of existing resources, as a Markdown page.

use std::fmt::Write;

use anyhow::{Context, Result};
use meshsynth_assembly::{Assembly, OwnerTask};
use serde_json::json;

use crate::config::{App, Config};
use crate::shell::{Shell, shown};

/// Prints the tasks of the last outputs.
pub fn run(shell: &Shell, config: &Config, is_json: bool) -> Result<()> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let mut outputs: Vec<(String, Vec<OwnerTask>)> = Vec::new();
    for target in config.apps.iter().flat_map(App::targets) {
        let (name, folder) = (target.name(), config.output.join(target.name()));
        if !folder.join("manifest.json").exists() {
            shell.note(&format!("`{name}` is not synthesized: tasks for owners of its resources are not listed"));
            continue;
        }
        let assembly = Assembly::read(&folder).with_context(|| format!("cannot read `{}`", shown(&folder, &here)))?;
        outputs.push((name, assembly.owner_tasks));
    }
    if is_json {
        let rows = outputs.iter().map(|(name, tasks)| json!({ "name": name, "tasks": tasks }));
        return shell.json(&json!({ "owners": rows.collect::<Vec<_>>() }));
    }
    outputs.retain(|(_, tasks)| !tasks.is_empty());
    if outputs.is_empty() {
        return shell.data("no tasks for owners of existing resources\n");
    }
    shell.data(&outputs.iter().map(|(name, tasks)| page(name, tasks)).collect::<Vec<_>>().join("\n"))
}

/// Formats a table of all tasks, followed by their documents.
fn page(name: &str, tasks: &[OwnerTask]) -> String {
    let mut out = format!("# Tasks for owners: {name}\n\n| # | what | task | needed by |\n|---|---|---|---|\n");
    for (idx, task) in tasks.iter().enumerate() {
        let needed_by: Vec<String> =
            task.needed_by.iter().map(|it| format!("`{}` ({})", cell(&it.construct), cell(&it.source))).collect();
        let (owner, what) = (cell(&task.owner), cell(&task.what));
        let _ = writeln!(out, "| {} | `{owner}` | {what} | {} |", idx + 1, needed_by.join(", "));
    }
    for (idx, task) in tasks.iter().enumerate().filter(|(_, task)| !task.document.is_null()) {
        let document = serde_json::to_string_pretty(&task.document).unwrap_or_default();
        let _ = write!(out, "\n## {}: `{}`\n\n```json\n{document}\n```\n", idx + 1, task.owner);
    }
    out
}

/// Escapes a text for a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use meshsynth_assembly::{NeededBy, OwnerTask};
    use serde_json::{Value, json};

    use super::page;

    #[test]
    fn writes_task_as_row_and_document_below_table() {
        let needed_by = vec![NeededBy { construct: "data/orders".to_owned(), source: "src/main.rs:8:5".to_owned() }];
        let task = |owner: &str, document: Value| OwnerTask {
            owner: owner.to_owned(),
            what: "add the rule".to_owned(),
            document,
            needed_by: needed_by.clone(),
        };
        let page = page("shop", &[task("sg-1", Value::Null), task("sg-2", json!({ "FromPort": 5432 }))]);
        assert!(page.contains("| 2 | `sg-2` | add the rule | `data/orders` (src/main.rs:8:5) |"), "{page}");
        assert!(page.contains("## 2: `sg-2`\n\n```json\n{\n  \"FromPort\": 5432\n}\n```"), "{page}");
        assert!(!page.contains("## 1"), "{page}");
    }
}
