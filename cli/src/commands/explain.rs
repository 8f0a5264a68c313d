//! `meshsynth explain`: the manual of the diagnostics.

use anyhow::Result;
use meshsynth::rules::{self, RULES, Rule};
use meshsynth_assembly::problem::{Problem, nearest};
use serde_json::{Value, json};

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
pub fn run(shell: &Shell, args: &Args) -> Result<()> {
    match &args.code {
        None if args.json => shell.json(&RULES.iter().map(to_json).collect()),
        None => shell.data(&RULES.iter().map(line).collect::<String>()),
        Some(code) => {
            let rule = find(code)?;
            match args.json {
                true => shell.json(&to_json(rule)),
                false => shell.data(&format!("{}: {}\n\n{}", rule.code, name(rule), rule.manual())),
            }
        }
    }
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
