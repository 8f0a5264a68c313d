//! `meshsynth status`: shows the stack states, the owner of the lock, and the last deployment from this folder.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use meshsynth_cli::commands::context::{Outcome, Project};
use meshsynth_cli::commands::status::Args;
use meshsynth_cli::shell::Shell;
use meshsynth_deploy::lock::Holder;
use meshsynth_deploy::orphans::Orphan;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{commands, journal};
use serde_json::json;

use crate::follow::Follow;
use crate::options;
use crate::report::not_begun;

/// Runs the command.
pub fn run(shell: &Shell, file: Option<&Path>, args: &Args) -> Result<Outcome> {
    let project = Project::find(file)?;
    let deployment = project.deployment("status", args.app.as_deref(), &args.at)?;
    let follow = Follow::new(shell, false);
    let standing = commands::states(&options::of(&deployment, args.at.role.as_deref(), Settings::default(), &follow))
        .map_err(not_begun)?;
    for unread in &standing.orphans.unread {
        shell.note(&format!("not read: {unread}"));
    }
    let journal = journal::read(&deployment.output, &deployment.name);
    let last = journal.last().and_then(|line| line["run"].as_str()).unwrap_or_default();
    let last: Vec<_> = journal.iter().filter(|line| line["run"] == last && line["event"] != "reached").collect();
    if args.at.json {
        let row =
            |(id, name, state): &(String, String, Option<String>)| json!({ "id": id, "name": name, "state": state });
        let stacks: Vec<_> = standing.stacks.iter().map(row).collect();
        let holder = |(it, age): &(Holder, Duration)| json!({ "who": it.who, "since": it.since, "heard_seconds_ago": age.as_secs() });
        let locks: Vec<_> = standing.holders.iter().map(holder).collect();
        let orphan = |it: &Orphan| json!({ "id": it.id, "name": it.stack.name, "region": it.place.region, "state": it.stack.status });
        let orphans: Vec<_> = standing.orphans.found.iter().map(orphan).collect();
        shell.json(
            &json!({ "app": deployment.name, "stacks": stacks, "orphans": orphans, "locks": locks, "last": last }),
        )?;
        return Ok(Outcome::Fine);
    }
    let mut text = String::new();
    for (id, name, state) in &standing.stacks {
        text += &format!("{id:<24} {:<32} {name}\n", state.as_deref().unwrap_or("does not exist"));
    }
    for it in &standing.orphans.found {
        let (state, name, region) = (&it.stack.status, &it.stack.name, &it.place.region);
        text += &format!("{:<24} {state:<32} {name} ({region}), no longer in the output\n", it.id);
    }
    for (holder, age) in &standing.holders {
        text += &format!("\nlocked by {} since {}, last renewed {} s ago\n", holder.who, holder.since, age.as_secs());
    }
    if !last.is_empty() {
        text += "\nthe last deployment from this folder:\n";
    }
    for line in last {
        let text_of = |key: &str| line[key].as_str().unwrap_or_default();
        let what = line["failure"]["text"].as_str().unwrap_or(if text_of("text").is_empty() {
            text_of("because")
        } else {
            text_of("text")
        });
        text += &format!("  {} {} {} {what}\n", text_of("time"), text_of("event"), text_of("at"));
    }
    shell.data(&text)?;
    Ok(Outcome::Fine)
}
