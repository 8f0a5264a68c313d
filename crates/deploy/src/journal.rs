//! The journal: a line for every event of a run. `meshsynth status` and users read it.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::event::Event;
use crate::lock::Lease;
use crate::mask::Mask;
use crate::state_dir::{StateDir, folder};
use crate::time::{now, timestamp};
use crate::watch::{Answer, Question, Watch};

/// Writes events to the journal, and forwards them.
pub(crate) struct Journal<'a> {
    /// `None` after a write error.
    file: RefCell<Option<Box<dyn Write>>>,
    app: String,
    run: String,
    inner: &'a dyn Watch,
    /// The values that are never shown.
    pub(crate) mask: Mask,
    /// The time of the last successful lock check.
    pub(crate) lease: Lease,
    /// Whether the user rejected changes. After that, the run does not prompt.
    is_rejected: Cell<bool>,
}

impl<'a> Journal<'a> {
    /// Opens the journal of an app for appending.
    pub(crate) fn open(state: &StateDir, app: &str, run: &str, mask: Mask, watch: &'a dyn Watch) -> Result<Self> {
        Ok(Self::over(Box::new(state.journal()?), app, run, mask, watch))
    }

    fn over(journal: Box<dyn Write>, app: &str, run: &str, mask: Mask, inner: &'a dyn Watch) -> Self {
        let (file, lease, is_rejected) = (RefCell::new(Some(journal)), Lease::default(), Cell::default());
        Self { file, app: app.to_owned(), run: run.to_owned(), inner, mask, lease, is_rejected }
    }

    /// Writes a line. A write error does not stop the deployment, and is reported once.
    fn write(&self, event: &Event) {
        let line = line(&self.run, event);
        let mut journal = self.file.borrow_mut();
        let written = journal.as_mut().map_or(Ok(()), |journal| journal.write_all(line.as_bytes()));
        if let Err(error) = written {
            *journal = None;
            let text = format!("the journal cannot be written, so it does not contain this run: {error}");
            self.inner.say(&Event::Note { at: self.app.clone(), text });
        }
    }
}

impl Watch for Journal<'_> {
    fn say(&self, event: &Event) {
        let event = self.mask.event(event);
        // Only the terminal shows current operations.
        if !matches!(event, Event::Doing { .. }) {
            self.write(&event);
        }
        self.inner.say(&event);
    }

    fn ask(&self, question: &Question) -> Answer {
        if self.is_rejected.get() {
            return Answer::No;
        }
        match self.inner.ask(question) {
            Answer::No => {
                self.is_rejected.set(true);
                Answer::No
            }
            Answer::Yes if self.lease.is_late() => {
                let text = "the answer is ignored because it came too late: another run may own the lock now";
                self.say(&Event::Note { at: question.at.clone(), text: text.to_owned() });
                Answer::No
            }
            answer => answer,
        }
    }
}

/// Formats a line of the journal.
fn line(run: &str, event: &Event) -> String {
    let mut value = serde_json::to_value(event).unwrap_or(Value::Null);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("time".to_owned(), json!(timestamp(now())));
        fields.insert("run".to_owned(), json!(run));
    }
    format!("{value}\n")
}

/// Returns the complete lines in the journal of an app.
pub fn read(output: &Path, app: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder(output, app).join("journal.jsonl")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Simulates a full disk.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[derive(Default)]
    struct Heard(RefCell<Vec<Event>>);

    impl Watch for Heard {
        fn say(&self, event: &Event) {
            self.0.borrow_mut().push(event.clone());
        }

        fn ask(&self, _: &Question) -> Answer {
            Answer::Nobody
        }
    }

    #[test]
    fn reports_full_journal_disk_once_and_continues() {
        let heard = Heard::default();
        let journal = Journal::over(Box::new(Full), "shop", "run1", Mask::default(), &heard);
        let began = |at: &str| Event::Began { at: at.to_owned() };
        for at in ["network", "data"] {
            journal.say(&began(at));
        }
        let heard = heard.0.borrow();
        assert_eq!((heard.len(), &heard[1], &heard[2]), (3, &began("network"), &began("data")));
        assert!(
            matches!(&heard[0], Event::Note { at, text } if at == "shop" && text.contains("no storage space")),
            "{heard:?}"
        );
    }
}
