//! Showing a deployment while it goes on: a line per stack on a terminal, plain lines elsewhere, JSON for programs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use meshsynth_deploy::verdict::Verdict;
use meshsynth_deploy::watch::{Answer, Question, Said, Watch};
use serde_json::json;

use crate::shell::{Shell, count};

/// Who shows what happens, and asks.
pub struct Follow<'a> {
    shell: &'a Shell,
    is_json: bool,
    begin: Instant,
    lines: Option<MultiProgress>,
    bars: RefCell<BTreeMap<String, ProgressBar>>,
}

impl<'a> Follow<'a> {
    /// Shows on the streams of this process.
    pub fn new(shell: &'a Shell, is_json: bool) -> Self {
        let is_live = io::stderr().is_terminal() && !is_json && !shell.is_quiet();
        let lines = is_live.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { shell, is_json, begin: Instant::now(), lines, bars: RefCell::default() }
    }

    /// How long it has been going on.
    pub fn seconds(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }

    fn line(&self, at: &str, text: &str) {
        let seconds = self.begin.elapsed().as_secs();
        let text = format!("{:>3}:{:02} {at}: {text}", seconds / 60, seconds % 60);
        match &self.lines {
            Some(lines) => lines.suspend(|| self.shell.note(&text)),
            None => self.shell.note(&text),
        }
    }

    fn show(&self, said: &Said) {
        match said {
            Said::Began { at } => {
                if let Some(lines) = &self.lines {
                    let bar = lines.add(ProgressBar::new_spinner());
                    let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} … {elapsed}");
                    bar.set_style(style.expect("the template is a constant"));
                    bar.set_prefix(at.clone());
                    bar.enable_steady_tick(std::time::Duration::from_millis(120));
                    self.bars.borrow_mut().insert(at.clone(), bar);
                } else {
                    self.line(at, "begins");
                }
            }
            // Without a terminal, states are said by their events.
            Said::Doing { at, text } => {
                if let Some(bar) = self.bars.borrow().get(at) {
                    bar.set_message(text.clone());
                }
            }
            Said::Changes { at, changes } => {
                let lines: Vec<String> = changes.iter().map(Verdict::line).collect();
                self.line(at, &format!("{}\n        {}", count(changes.len(), "change"), lines.join("\n        ")));
            }
            Said::Reached { at, name, state, reason } => {
                let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                if self.lines.is_none() || !reason.is_empty() {
                    self.line(at, &format!("{name} {state}{why}"));
                } else if let Some(bar) = self.bars.borrow().get(at) {
                    bar.set_message(format!("{name} {state}"));
                }
            }
            Said::Note { at, text } => self.line(at, text),
            Said::Done { at, text } => self.end(at, text),
            Said::Failed { at, .. } => self.end(at, "failed"),
            Said::Skipped { at, because } => self.line(at, &format!("not begun: {because}")),
        }
    }

    fn end(&self, at: &str, text: &str) {
        if let Some(bar) = self.bars.borrow_mut().remove(at) {
            bar.finish_and_clear();
        }
        self.line(at, text);
    }
}

impl Watch for Follow<'_> {
    fn say(&self, said: &Said) {
        if self.is_json {
            let mut value = serde_json::to_value(said).unwrap_or_default();
            if let Some(fields) = value.as_object_mut() {
                fields.insert("seconds".to_owned(), json!((self.seconds() * 10.0).round() / 10.0));
            }
            // A reader that went away does not stop a deployment.
            let _ = self.shell.data(&format!("{value}\n"));
        } else {
            self.show(said);
        }
    }

    fn ask(&self, question: &Question) -> Answer {
        if self.is_json || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Answer::Nobody;
        }
        let ask = || {
            self.shell.ask(&format!("{}: {}. Go on? [y/N] ", question.at, question.why));
            let mut line = String::new();
            let is_read = io::stdin().lock().read_line(&mut line).is_ok();
            is_read && ["y", "yes"].contains(&line.trim().to_lowercase().as_str())
        };
        let is_yes = self.lines.as_ref().map_or_else(ask, |lines| lines.suspend(ask));
        if is_yes { Answer::Yes } else { Answer::No }
    }
}
