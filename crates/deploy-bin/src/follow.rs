//! Shows the progress of a deployment: one line per stack on a terminal, plain lines elsewhere, or JSON for programs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use meshsynth_cli::interrupt;
use meshsynth_cli::shell::{Shell, count};
use meshsynth_deploy::event::Event;
use meshsynth_deploy::watch::{Answer, Question, Watch};
use serde_json::json;

/// The progress display. It also prompts the user.
pub struct Follow<'a> {
    shell: &'a Shell,
    is_json: bool,
    begin: Instant,
    lines: Option<MultiProgress>,
    bars: RefCell<BTreeMap<String, ProgressBar>>,
}

impl<'a> Follow<'a> {
    /// Creates a display on the streams of this process.
    pub fn new(shell: &'a Shell, is_json: bool) -> Self {
        let is_live = io::stderr().is_terminal() && !is_json && !shell.is_quiet();
        let lines = is_live.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { shell, is_json, begin: Instant::now(), lines, bars: RefCell::default() }
    }

    /// Returns the elapsed time in seconds.
    pub fn seconds(&self) -> f64 {
        self.begin.elapsed().as_secs_f64()
    }

    fn line(&self, event: &Event) {
        let Some(text) = plain(event, self.begin.elapsed().as_secs()) else { return };
        match &self.lines {
            Some(lines) => lines.suspend(|| self.shell.note(&text)),
            None => self.shell.note(&text),
        }
    }

    fn show(&self, event: &Event) {
        match event {
            Event::Began { at } if self.lines.is_some() => self.begin_bar(at),
            // Without a terminal, the events already print the states.
            Event::Doing { at, text } => self.message(at, text.clone()),
            Event::Waiting { at, name, reason, .. } if self.lines.is_some() => {
                self.message(at, format!("{}: {reason}", below(at, name)));
            }
            Event::Reached { at, name, state, reason } if self.lines.is_some() && reason.is_empty() => {
                self.message(at, format!("{} {state}", below(at, name)));
            }
            Event::Done { at, .. } | Event::Failed { at, .. } => {
                if let Some(bar) = self.bars.borrow_mut().remove(at) {
                    bar.finish_and_clear();
                }
                self.line(event);
            }
            event => self.line(event),
        }
    }

    fn begin_bar(&self, at: &str) {
        let Some(lines) = &self.lines else { return };
        let bar = lines.add(ProgressBar::new_spinner());
        let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} … {elapsed}");
        bar.set_style(style.expect("the template is a constant"));
        bar.set_prefix(at.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        self.bars.borrow_mut().insert(at.to_owned(), bar);
    }

    fn message(&self, at: &str, text: String) {
        if let Some(bar) = self.bars.borrow().get(at) {
            bar.set_message(text);
        }
    }
}

/// Removes the stack from a path, because the line already starts with the stack.
fn below<'a>(at: &str, name: &'a str) -> &'a str {
    name.strip_prefix(at).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name)
}

/// Formats an event as a line of text. Returns `None` for events that only a terminal shows.
fn plain(event: &Event, seconds: u64) -> Option<String> {
    let (at, text) = match event {
        Event::Doing { .. } => return None,
        Event::Began { at } => (at, "begins".to_owned()),
        Event::Waiting { at, name, reason, waited } => {
            (at, format!("{}: {reason} (after {waited} s)", below(at, name)))
        }
        Event::Changes { at, changes, ways, access } => {
            let lines = changes.iter().map(|change| change.line());
            let lines = lines.chain(ways.iter().flat_map(|it| it.lines())).chain(access.iter().map(|it| it.line()));
            let lines: String = lines.map(|line| format!("\n        {line}")).collect();
            let number = match changes.len() {
                0 => format!("{} to access", count(ways.len() + access.len(), "change")),
                n => count(n, "change"),
            };
            (at, format!("{number}{lines}"))
        }
        Event::TakesOver { at, name, from, notes, back } => {
            let notes: String = notes.iter().map(|note| format!("\n        - {note}")).collect();
            let back = if back.is_empty() { String::new() } else { format!("\n        to revert: {back}") };
            (at, format!("takes over {name} from {from}{notes}{back}"))
        }
        Event::Reached { at, name, state, reason } if reason.is_empty() => (at, format!("{} {state}", below(at, name))),
        Event::Reached { at, name, state, reason } => (at, format!("{} {state}: {reason}", below(at, name))),
        Event::Note { at, text } | Event::Done { at, text } => (at, text.clone()),
        Event::Failed { at, .. } => (at, "failed".to_owned()),
        Event::Skipped { at, because } => (at, format!("not started: {because}")),
    };
    Some(format!("{:>3}:{:02} {at}: {text}", seconds / 60, seconds % 60))
}

impl Watch for Follow<'_> {
    fn say(&self, event: &Event) {
        if self.is_json {
            let mut value = serde_json::to_value(event).unwrap_or_default();
            if let Some(fields) = value.as_object_mut() {
                fields.insert("seconds".to_owned(), json!((self.seconds() * 10.0).round() / 10.0));
            }
            // A closed output stream does not stop a deployment.
            let _ = self.shell.data(&format!("{value}\n"));
        } else {
            self.show(event);
        }
    }

    fn ask(&self, question: &Question) -> Answer {
        if self.is_json || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Answer::Nobody;
        }
        let ask = || {
            self.shell.ask(&format!("{} (changes above): {}. Deploy it? [y/N] ", question.at, question.why));
            match interrupt::read_line() {
                None => Answer::Interrupted,
                Some(Ok(line)) if ["y", "yes"].contains(&line.trim().to_lowercase().as_str()) => Answer::Yes,
                Some(_) => Answer::No,
            }
        };
        self.lines.as_ref().map_or_else(ask, |lines| lines.suspend(ask))
    }
}

#[cfg(test)]
mod tests {
    use meshsynth_deploy::failure::Failure;
    use meshsynth_deploy::judgement::{AccessRow, Row};
    use meshsynth_deploy::way_row::WayRow;
    use meshsynth_diff::Verdict;

    use super::*;

    #[test]
    fn prints_a_line_per_event_without_terminal() {
        let at = || "data".to_owned();
        let row = |verdict, name: &str| Row {
            verdict,
            kind: "AWS::RDS::DBInstance".to_owned(),
            name: name.to_owned(),
            properties: vec!["/Properties/Engine".to_owned()],
            access: false,
            fates: Vec::new(),
        };
        let access = AccessRow { widened: true, public: true, text: "anyone may now read `a`".to_owned() };
        let way = WayRow {
            opens: true,
            public: true,
            ways: 1,
            text: "the internet now reaches `a:5432`".to_owned(),
            why: vec!["security group allowed: EC2::SecurityGroup a SecurityGroupIngress[0]".to_owned()],
        };
        let reached = |state: &str, reason: &str| Event::Reached {
            at: at(),
            name: "data/orders-db".to_owned(),
            state: state.to_owned(),
            reason: reason.to_owned(),
        };
        let events = [
            Event::Began { at: at() },
            Event::Doing { at: at(), text: "waiting".to_owned() },
            Event::Waiting {
                at: at(),
                name: "Deployment `shop/orders`".to_owned(),
                reason: "0 of 2 replicas are ready".to_owned(),
                waited: 30,
            },
            Event::Changes {
                at: at(),
                changes: vec![row(Verdict::DataLoss, "a"), row(Verdict::InPlace, "b")],
                ways: vec![way],
                access: vec![access],
            },
            reached("UPDATE_IN_PROGRESS", ""),
            reached("UPDATE_FAILED", "the quota is reached"),
            Event::Note { at: at(), text: "made by another tool".to_owned() },
            Event::TakesOver {
                at: at(),
                name: "stack `legacy`".to_owned(),
                from: "the AWS CDK".to_owned(),
                notes: vec!["its termination protection is kept".to_owned()],
                back: "aws cloudformation update-stack".to_owned(),
            },
            Event::Failed { at: at(), failure: Failure::default() },
            Event::Skipped { at: "run".to_owned(), because: "its dependency `data` did not complete".to_owned() },
            Event::Done { at: "network".to_owned(), text: "no changes".to_owned() },
        ];
        let lines: Vec<String> = events.iter().zip(58..).filter_map(|(event, seconds)| plain(event, seconds)).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        0:58 data: begins
        1:00 data: Deployment `shop/orders`: 0 of 2 replicas are ready (after 30 s)
        1:01 data: 2 changes
              ! data loss        AWS::RDS::DBInstance a (/Properties/Engine)
              ~ in place         AWS::RDS::DBInstance b (/Properties/Engine)
              + opened           the internet now reaches `a:5432` [PUBLIC]
                                 security group allowed: EC2::SecurityGroup a SecurityGroupIngress[0]
              + access widened   anyone may now read `a` [PUBLIC]
        1:02 data: orders-db UPDATE_IN_PROGRESS
        1:03 data: orders-db UPDATE_FAILED: the quota is reached
        1:04 data: made by another tool
        1:05 data: takes over stack `legacy` from the AWS CDK
              - its termination protection is kept
              to revert: aws cloudformation update-stack
        1:06 data: failed
        1:07 run: not started: its dependency `data` did not complete
        1:08 network: no changes
        ");
    }
}
