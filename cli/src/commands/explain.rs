//! `meshsynth explain`: the manual of the diagnostics.

use anyhow::Result;
use meshsynth::rules::{self, RULES, Rule};
use serde_json::{Value, json};

use crate::cli::Explain;
use crate::problem::{Problem, nearest};
use crate::shell::Shell;

/// Runs the command.
pub fn run(shell: &Shell, args: &Explain) -> Result<()> {
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
