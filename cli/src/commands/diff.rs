//! `meshsynth diff`: what a deployment of the last output would do.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Outcome;
use super::synth::shown;
use crate::cli::{Deny, Diff as Args, DiffFormat};
use crate::config::{Config, Target};
use crate::diff::render::{json, markdown, terminal};
use crate::diff::side::{Side, unreadable};
use crate::diff::{Diff, Verdict, base};
use crate::problem::Problem;
use crate::shell::Shell;

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<Outcome> {
    let config = Config::find(config)?;
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let targets = config.targets(&args.apps, args.env.as_deref())?;
    let names_folder = args.head.is_some() || args.base.as_deref().is_some_and(|name| is_assembly(&here.join(name)));
    if names_folder && targets.len() > 1 {
        return Err(Problem::setting("a folder holds one app in one environment, and several are asked for")
            .help("name the app, and its environment with `--env`")
            .into());
    }
    let mut diffs = Vec::new();
    for target in &targets {
        let diff = compare(shell, &config, target, args, &here)?;
        let denied = denied(&diff, &args.deny);
        diffs.push((diff, denied));
    }
    match args.format {
        DiffFormat::Terminal => {
            let texts: Vec<String> =
                diffs.iter().map(|(diff, _)| terminal::render(diff, shell.is_stdout_coloured())).collect();
            shell.data(&texts.join("\n"))?;
        }
        DiffFormat::Markdown => shell.data(&markdown::render(&diffs)?)?,
        DiffFormat::Json => {
            let values: Vec<Value> = diffs.iter().map(|(diff, denied)| json::render(diff, denied)).collect();
            shell.json(&Value::Array(values))?;
        }
    }
    let mut is_denied = false;
    for (diff, denied) in &diffs {
        for text in denied {
            is_denied = true;
            shell.failed(&format!("{}: {text}", diff.app));
        }
    }
    let is_changed = args.exit_code && diffs.iter().any(|(diff, _)| !diff.is_empty());
    Ok(if is_denied || is_changed { Outcome::Mistakes } else { Outcome::Fine })
}

fn is_assembly(folder: &Path) -> bool {
    folder.join("manifest.json").exists()
}

fn compare(shell: &Shell, config: &Config, target: &Target, args: &Args, here: &Path) -> Result<Diff> {
    let name = target.name();
    let output = config.output.join(&name);
    let folder = args.head.as_ref().map_or_else(|| output.clone(), |head| here.join(head));
    if !folder.join("manifest.json").exists() {
        let shown = shown(&folder, here);
        let help = match args.head {
            Some(_) => "name the folder of an assembly: the one with `manifest.json`".to_owned(),
            None => format!("run `meshsynth synth {}` first", target.app.name),
        };
        return Err(Problem::setting(format!("there is no assembly at `{shown}`")).help(help).into());
    }
    let last = if args.head.is_none() { " (the last synthesis)" } else { "" };
    let head = read(&folder, &name, format!("`{}`{last}", shown(&folder, here)))?;
    let base = read_base(shell, args.base.as_deref(), config, target, here)?;
    Diff::new(&base, &head)
}

fn read_base(shell: &Shell, named: Option<&str>, config: &Config, target: &Target, here: &Path) -> Result<Side> {
    let name = target.name();
    let folder = named.map(|named| here.join(named)).filter(|folder| folder.is_dir());
    if let Some(folder) = folder {
        // A folder of outputs holds a folder for each app and environment.
        let inner: PathBuf = if is_assembly(&folder) { folder } else { folder.join(&name) };
        let shown = shown(&inner, here);
        if !is_assembly(&inner) {
            return Err(Problem::setting(format!("the base `{shown}` holds no assembly"))
                .help("name a folder with `manifest.json`, or a git revision")
                .into());
        }
        return read(&inner, &name, format!("`{shown}`"));
    }
    match named {
        Some("none") => Ok(Side::empty("nothing".to_owned(), &name)),
        named => check_app(base::at(shell, named.unwrap_or("HEAD"), config, *target)?, &name),
    }
}

fn read(folder: &Path, name: &str, label: String) -> Result<Side> {
    let side = Side::read(folder, label.clone()).map_err(|error| unreadable(&label, &error))?;
    check_app(side, name)
}

fn check_app(side: Side, name: &str) -> Result<Side> {
    if side.manifest.app != name {
        let text = format!("{} is of `{}`, and `{name}` is compared", side.label, side.manifest.app);
        return Err(Problem::setting(text).help("compare two outputs of one app in one environment").into());
    }
    Ok(side)
}

/// The gates that are hit, in words.
fn denied(diff: &Diff, gates: &[Deny]) -> Vec<String> {
    let mut texts = Vec::new();
    for gate in gates {
        let (names, what): (Vec<&str>, &str) = match gate {
            Deny::DataLoss => {
                let is_hit = |data: &str| !data.starts_with("stays in AWS") && !data.starts_with("deleted; a snapshot");
                let of = diff
                    .changes
                    .iter()
                    .filter(|change| change.verdict == Verdict::DataLoss || change.data.as_deref().is_some_and(is_hit));
                (of.map(|change| change.name.as_str()).collect(), "`data-loss` is denied: data at risk in")
            }
            Deny::Replace => {
                let starts_empty =
                    |data: &Option<String>| data.as_ref().is_some_and(|data| data.contains("starts empty"));
                let of =
                    diff.changes.iter().filter(|change| change.verdict.is_replacement() || starts_empty(&change.data));
                (of.map(|change| change.name.as_str()).collect(), "`replace` is denied: replaced is")
            }
            Deny::Access => {
                let of = diff.access.iter().filter(|row| row.widened);
                (of.map(|row| row.at.as_str()).collect(), "`access` is denied: access widens by")
            }
            Deny::Public => {
                let of = diff.access.iter().filter(|row| row.public);
                (of.map(|row| row.at.as_str()).collect(), "`public` is denied: open to everybody by")
            }
        };
        let mut names = names;
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
            let first: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
            texts.push(format!("{what} {}{more}", first.join(", ")));
        }
    }
    texts
}
