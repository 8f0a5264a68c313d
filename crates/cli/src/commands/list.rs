//! `meshsynth list`: apps, environments, and the content of their last outputs.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth_assembly::{Assembly, Manifest};
use serde_json::{Value, json};

use super::context::today;
use super::{list_exceptions, list_owners};
use crate::config::{App, Config};
use crate::shell::{Shell, count, shown};
use crate::summary::summary;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth list                apps, environments, stacks and clusters
  meshsynth list --json         the same as JSON
  meshsynth list --exceptions   all exceptions with their location and last day
  meshsynth list --owners       tasks for the owners of existing resources, as Markdown";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// List exceptions instead: of meshsynth.toml, of programs, and of comments in the folders of `[check.namespaces]`.
    #[arg(long)]
    pub exceptions: bool,
    /// List tasks for the owners of existing resources instead, as Markdown, from the last output.
    #[arg(long, conflicts_with = "exceptions")]
    pub owners: bool,
    /// The date for evaluating exceptions, instead of today.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "exceptions")]
    pub today: Option<String>,
}

/// The last output of an app in an environment.
struct Last {
    name: String,
    environment: Option<String>,
    folder: String,
    /// `None` if there is no output yet.
    assembly: Option<Result<Assembly>>,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<()> {
    let config = Config::find(config)?;
    if args.exceptions {
        return list_exceptions::run(shell, &config, args.json, today(args.today.as_deref())?);
    }
    if args.owners {
        return list_owners::run(shell, &config, args.json);
    }
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let apps: Vec<(&App, Vec<Last>)> = config.apps.iter().map(|app| (app, last(app, &config.output, &here))).collect();
    if args.json {
        let apps: Vec<Value> = apps
            .iter()
            .map(|(app, outputs)| {
                let outputs: Vec<Value> = outputs.iter().map(Last::to_json).collect();
                json!({ "name": app.name, "run": app.run, "environments": app.environments, "outputs": outputs })
            })
            .collect();
        return shell.json(&json!({ "apps": apps }));
    }
    let mut text = String::new();
    for (app, outputs) in &apps {
        let _ = writeln!(text, "{} ({})", app.name, app.run.join(" "));
        for output in outputs {
            output.write(&mut text);
        }
    }
    shell.data(&text)
}

fn last(app: &App, output: &Path, here: &Path) -> Vec<Last> {
    app.targets()
        .into_iter()
        .map(|target| {
            let folder = output.join(target.name());
            Last {
                name: target.name(),
                environment: target.environment.map(str::to_owned),
                folder: shown(&folder, here),
                assembly: folder.exists().then(|| Assembly::read(&folder)),
            }
        })
        .collect()
}

/// Returns the kind, ID, location and content of each stack and cluster.
fn rows(manifest: &Manifest) -> Vec<[String; 4]> {
    let stacks = manifest.stacks.iter().map(|stack| {
        let place = match &stack.account {
            Some(account) => format!("{} in {account}", stack.region),
            None => stack.region.clone(),
        };
        ["stack".to_owned(), stack.id.clone(), place, count(stack.resources.len(), "resource")]
    });
    let clusters = manifest.clusters.iter().map(|cluster| {
        let objects = count(cluster.objects.len(), "object");
        let releases = count(cluster.releases.len(), "release");
        let place = cluster.region.clone().unwrap_or_default();
        ["cluster".to_owned(), cluster.id.clone(), place, format!("{objects}, {releases}")]
    });
    stacks.chain(clusters).collect()
}

impl Last {
    fn write(&self, out: &mut String) {
        let mut line = |indent: usize, text: String| {
            let _ = writeln!(out, "{:indent$}{text}", "");
        };
        let assembly = match &self.assembly {
            None => return line(2, format!("{}: not synthesized yet", self.name)),
            Some(Err(error)) => return line(2, format!("{}: {} cannot be read: {error:#}", self.name, self.folder)),
            Some(Ok(assembly)) => assembly,
        };
        line(2, format!("{}: {}", self.name, self.folder));
        let rows = rows(&assembly.manifest);
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
        let widths = [width(0), width(1), width(2)];
        for [kind, id, place, holds] in &rows {
            line(4, format!("{kind:0$}  {id:1$}  {place:2$}  {holds}", widths[0], widths[1], widths[2]));
        }
    }

    fn to_json(&self) -> Value {
        let mut value = json!({ "name": self.name, "environment": self.environment, "folder": self.folder });
        match (&self.assembly, value.as_object_mut()) {
            (Some(Ok(assembly)), Some(fields)) => fields.extend(summary(assembly)),
            (Some(Err(error)), Some(fields)) => {
                fields.insert("error".to_owned(), format!("{error:#}").into());
            }
            _ => {}
        }
        value
    }
}
