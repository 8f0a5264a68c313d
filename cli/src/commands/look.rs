//! `meshsynth status`, `drift` and `render`: what only looks.

use std::env;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use meshsynth_deploy::clusters::Ways;
use meshsynth_deploy::delivery::{Delivery, Tool};
use meshsynth_deploy::kube::Change;
use meshsynth_deploy::lock::Holder;
use meshsynth_deploy::orphans::Orphan;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::{drift, record, run as commands};
use serde_json::{Map, Value, json};

use super::deploy::{call, setting, subject};
use super::synth::shown;
use super::{Outcome, output};
use crate::cli::{self, Drift, Render, Status};
use crate::config::Config;
use crate::follow::Follow;
use crate::problem::Problem;
use crate::shell::{Shell, count};

/// Runs `render`.
pub fn render(shell: &Shell, file: Option<&Path>, args: &Render) -> Result<Outcome> {
    let config = Config::find(file)?;
    let here = env::current_dir().context("cannot tell the current folder")?;
    let subject = subject(&config, "render", args.app.as_deref(), &args.at, &here)?;
    let instead = "`--no-synth` renders the output as it is written";
    output::require(shell, &config, &subject, &args.at, args.no_synth, instead)?;
    let follow = Follow::new(shell, false);
    let folder = here.join(&args.output);
    let delivery = args.delivery.map(|tool| Delivery {
        tool: match tool {
            cli::Delivery::Argocd => Tool::ArgoCd,
            cli::Delivery::Flux => Tool::Flux,
        },
        repository: args.repository.clone().unwrap_or_default(),
        revision: args.revision.clone(),
        path: folder.strip_prefix(&config.folder).unwrap_or(&args.output).display().to_string(),
    });
    let given = args.outputs.as_ref().map(|path| here.join(path));
    let call = call(&subject, &args.at, Settings::default(), &follow);
    let n_files = commands::render(&call, given.as_deref(), delivery.as_ref(), &folder).map_err(setting)?;
    shell.done("rendered", &format!("{}: {} -> {}", subject.name, count(n_files, "file"), shown(&folder, &here)));
    Ok(Outcome::Fine)
}

/// Runs `status`.
pub fn status(shell: &Shell, file: Option<&Path>, args: &Status) -> Result<Outcome> {
    let config = Config::find(file)?;
    let here = env::current_dir().context("cannot tell the current folder")?;
    let subject = subject(&config, "status", args.app.as_deref(), &args.at, &here)?;
    let follow = Follow::new(shell, false);
    let standing = commands::states(&call(&subject, &args.at, Settings::default(), &follow)).map_err(setting)?;
    for unread in &standing.orphans.unread {
        shell.note(&format!("not known: {unread}"));
    }
    let journal = record::journal(&subject.output, &subject.name);
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
            &json!({ "app": subject.name, "stacks": stacks, "orphans": orphans, "locks": locks, "last": last }),
        )?;
        return Ok(Outcome::Fine);
    }
    let mut text = String::new();
    for (id, name, state) in &standing.stacks {
        text += &format!("{id:<24} {:<32} {name}\n", state.as_deref().unwrap_or("not there"));
    }
    for it in &standing.orphans.found {
        let (state, name, region) = (&it.stack.status, &it.stack.name, &it.place.region);
        text += &format!("{:<24} {state:<32} {name} ({region}), no longer in the output\n", it.id);
    }
    for (holder, age) in &standing.holders {
        text += &format!("\nlocked by {} since {}, last heard of {} s ago\n", holder.who, holder.since, age.as_secs());
    }
    if !last.is_empty() {
        text += "\nthe last deployment from here:\n";
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

/// Runs `drift`.
pub fn drift(shell: &Shell, file: Option<&Path>, args: &Drift) -> Result<Outcome> {
    let config = Config::find(file)?;
    let here = env::current_dir().context("cannot tell the current folder")?;
    let subject = subject(&config, "drift", args.app.as_deref(), &args.at, &here)?;
    let follow = Follow::new(shell, false);
    let mut call = call(&subject, &args.at, Settings::default(), &follow);
    call.ways = Ways { stacks_only: args.stacks_only, ..args.reach.ways(&here) };
    let drifts = drift::drift(&call).map_err(setting)?;
    if args.at.json {
        let row = |it: &meshsynth_deploy::cloud::Drift| json!({ "id": it.id, "type": it.kind, "status": it.status, "properties": it.properties });
        let stacks = drifts.stacks.iter().map(|(id, rows)| (id.clone(), rows.iter().map(row).collect()));
        let clusters = drifts.clusters.iter().map(|(id, rows)| (id.clone(), json!(rows)));
        let (stacks, clusters): (Map<String, Value>, Map<String, Value>) = (stacks.collect(), clusters.collect());
        let unread: Vec<Value> =
            drifts.unread.iter().map(|(at, failure)| json!({ "at": at, "failure": failure })).collect();
        shell.json(&json!({ "app": subject.name, "stacks": stacks, "clusters": clusters, "unread": unread }))?;
    } else {
        shell.data(&drifted(&drifts))?;
        for (_, failure) in &drifts.unread {
            shell.note(&failure.to_string());
        }
        if drifts.is_none() && drifts.unread.is_empty() {
            shell.done("compared", &format!("{}: as it was deployed", subject.name));
        }
    }
    if !drifts.unread.is_empty() {
        let text = format!("`{}` is not compared as a whole: {} could not be read", subject.name, drifts.unread.len());
        return Err(Problem::setting(text).help("fix what is told above, then run again").into());
    }
    Ok(if drifts.is_none() { Outcome::Fine } else { Outcome::Mistakes })
}

/// What differs, for people: a line for each resource and object, and one for each field of it.
fn drifted(drifts: &drift::Drifts) -> String {
    let mut text = String::new();
    for (id, rows) in &drifts.stacks {
        for it in rows {
            let status = if it.status == "DELETED" { "is gone" } else { "was changed" };
            text += &format!("{id}: `{}` ({}) {status}\n", it.id, it.kind);
            for path in &it.properties {
                text += &format!("    {path}\n");
            }
        }
    }
    for (id, rows) in &drifts.clusters {
        for it in rows {
            let status = match it.status {
                "DELETED" => "is gone",
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
