//! `meshsynth drift`: shows manual changes since the deployment.

use std::path::Path;

use anyhow::Result;
use meshsynth_cli::commands::context::{Outcome, Project};
use meshsynth_cli::commands::drift::Args;
use meshsynth_cli::shell::Shell;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::kube::Change;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{cloud, drift};
use meshsynth_model::problem::Problem;
use serde_json::{Map, Value, json};

use crate::follow::Follow;
use crate::options::{self, cluster_access};
use crate::report::not_begun;

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let deployment = project.deployment("drift", args.app.as_deref(), &args.at)?;
    let follow = Follow::new(shell, false);
    let mut options = options::of(&deployment, args.at.role.as_deref(), Settings::default(), &follow);
    options.clusters = ClusterAccess { stacks_only: args.stacks_only, ..cluster_access(&args.cluster, &project.here) };
    let drifts = drift::drift(&options).map_err(not_begun)?;
    if args.at.json {
        let row = |it: &cloud::Drift| json!({ "id": it.id, "type": it.kind, "status": it.status, "properties": it.properties });
        let stacks = drifts.stacks.iter().map(|(id, rows)| (id.clone(), rows.iter().map(row).collect()));
        let clusters = drifts.clusters.iter().map(|(id, rows)| (id.clone(), json!(rows)));
        let (stacks, clusters): (Map<String, Value>, Map<String, Value>) = (stacks.collect(), clusters.collect());
        let unread: Vec<Value> =
            drifts.unread.iter().map(|(at, failure)| json!({ "at": at, "failure": failure })).collect();
        shell.json(&json!({ "app": deployment.name, "stacks": stacks, "clusters": clusters, "unread": unread }))?;
    } else {
        shell.data(&drifted(&drifts))?;
        for (_, failure) in &drifts.unread {
            shell.note(&failure.to_string());
        }
        if drifts.is_none() && drifts.unread.is_empty() {
            shell.done("compared", &format!("{}: no drift", deployment.name));
        }
    }
    if !drifts.unread.is_empty() {
        let text =
            format!("the comparison of `{}` is incomplete: {} could not be read", deployment.name, drifts.unread.len());
        return Err(Problem::setting(text).help("fix the problems above, then run the command again").into());
    }
    Ok(if drifts.is_none() { Outcome::Fine } else { Outcome::Mistakes })
}

/// Formats the drift for people: one line per resource or object, and one line per changed field.
fn drifted(drifts: &drift::Drifts) -> String {
    let mut text = String::new();
    for (id, rows) in &drifts.stacks {
        for it in rows {
            let status = if it.status == "DELETED" { "was deleted" } else { "was changed" };
            text += &format!("{id}: `{}` ({}) {status}\n", it.id, it.kind);
            for path in &it.properties {
                text += &format!("    {path}\n");
            }
        }
    }
    for (id, rows) in &drifts.clusters {
        for it in rows {
            let status = match it.status {
                "DELETED" => "was deleted",
                "DELETING" => "is being deleted",
                _ => "was changed",
            };
            text += &format!("{id}: {} ({}) {status}\n", it.name, it.construct);
            for field in &it.fields {
                let change = match field.change {
                    Change::Added => "added",
                    Change::Changed => "changed",
                    Change::Removed => "removed",
                };
                let by: Vec<String> = field.by.iter().map(ToString::to_string).collect();
                let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
                text += &format!("    {} {change}{by}\n", field.path);
            }
        }
    }
    text
}
