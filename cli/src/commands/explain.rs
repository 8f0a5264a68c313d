//! `meshsynth explain`: the manual of the diagnostics.

use std::path::Path;

use anyhow::Result;
use meshsynth::rules::{self, RULES, Rule};
use meshsynth_assembly::problem::{Problem, nearest};
use serde_json::{Value, json};

use crate::config::Config;
use crate::config::severity::{self, Severities};
use crate::shell::Shell;

/// What stands below the help.
pub const HELP: &str = "\
Examples:
  meshsynth explain MS0101          meaning, reason and fix
  meshsynth explain duplicate-id    the same, by name
  meshsynth explain                 all diagnostics, one per line";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The code, such as `MS0101`, or the name of the diagnostic.
    pub code: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<()> {
    match &args.code {
        None if args.json => shell.json(&RULES.iter().map(to_json).collect()),
        None => shell.data(&RULES.iter().map(line).collect::<String>()),
        Some(code) => {
            let rule = find(code)?;
            match args.json {
                true => shell.json(&to_json(rule)),
                false => {
                    let text = format!("{}: {}\n\n{}", rule.code, name(rule), rule.manual());
                    let config = Config::find_any(config)?;
                    let here = config.and_then(|config| in_project(&config.severity, rule.code));
                    shell.data(&(text + &here.map(|here| format!("\n{here}\n")).unwrap_or_default()))
                }
            }
        }
    }
}

/// How bad the findings of a rule are in this project, where its configuration says so.
fn in_project(severities: &Severities, code: &str) -> Option<String> {
    let all = severities.all.get(code).map(|severity| severity::word(*severity).to_owned());
    let of = severities.environments.iter();
    let named = of.filter_map(|(name, rows)| Some(format!("{name}: {}", severity::word(*rows.get(code)?))));
    let words: Vec<String> = all.into_iter().chain(named).collect();
    (!words.is_empty()).then(|| format!("In this project: {}.", words.join("; ")))
}

fn find(code: &str) -> Result<&'static Rule, Problem> {
    let by_name = || RULES.iter().find(|rule| name(rule) == code.replace('_', "-"));
    rules::find(code).or_else(by_name).ok_or_else(|| {
        let names: Vec<String> = RULES.iter().map(name).collect();
        let known = RULES.iter().map(|rule| rule.code).chain(names.iter().map(String::as_str));
        let help = match nearest(code, known) {
            Some(near) => format!("did you mean `{near}`? `meshsynth explain` lists all"),
            None => "`meshsynth explain` lists all".to_owned(),
        };
        Problem::setting(format!("there is no diagnostic `{code}`")).help(help)
    })
}

fn name(rule: &Rule) -> String {
    rule.name.replace('_', "-")
}

fn line(rule: &Rule) -> String {
    let manual = rule.manual();
    format!("{}  {}\n", rule.code, manual.lines().next().unwrap_or_default())
}

fn to_json(rule: &Rule) -> Value {
    json!({ "code": rule.code, "name": name(rule), "manual": rule.manual() })
}
