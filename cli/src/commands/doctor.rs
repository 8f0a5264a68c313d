//! `meshsynth doctor`: what is wrong with the machine and the project.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Outcome;
use crate::cli::Doctor as Args;
use crate::doctor::{self, Finding, State};
use crate::interrupt;
use crate::shell::{Shell, count};

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<Outcome> {
    if args.aws || args.clusters {
        interrupt::end_at_once_when_repeated();
    }
    let findings = doctor::look(shell, config, args)?;
    interrupt::check()?;
    let n = |state: State| findings.iter().filter(|finding| finding.state == state).count();
    let (n_wrong, n_doubtful) = (n(State::Wrong), n(State::Doubtful));
    if args.json {
        let rows: Vec<Value> = findings.iter().map(Finding::to_json).collect();
        shell.json(&json!({ "fine": n_wrong == 0, "findings": rows }))?;
    } else {
        let width = findings.iter().map(|finding| finding.about.len()).max().unwrap_or_default();
        let text: String = findings.iter().map(|finding| line(finding, width)).collect();
        shell.data(&text)?;
    }
    if n_wrong > 0 {
        shell.failed(&format!("{} wrong, {} to look at", count(n_wrong, "thing"), n_doubtful));
        return Ok(Outcome::Mistakes);
    }
    match n_doubtful {
        0 => shell.done("fine", "nothing is wrong"),
        _ => shell.done("fine", &format!("nothing is wrong, and {} to look at", count(n_doubtful, "thing"))),
    }
    Ok(Outcome::Fine)
}

fn line(finding: &Finding, width: usize) -> String {
    let sign = match finding.state {
        State::Good => "ok   ",
        State::Doubtful => "look ",
        State::Wrong => "wrong",
    };
    let mut text = format!("{sign} {:width$}  {}\n", finding.about, finding.text.replace('\n', "\n      "));
    if let Some(help) = &finding.help {
        text += &format!("      {:width$}  = help: {}\n", "", help.trim_end().replace('\n', "\n      "));
    }
    text
}
