//! What surrounds a command: where its assembly is, how AWS and clusters are reached, and who is told.

use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::aws::Access;
use crate::cloud::{CloudError, Fault};
use crate::clusters::Ways;
use crate::failure::{ASSUME_ROLE, Failure};
use crate::lock::Pulse;
use crate::mask::Mask;
use crate::record::{self, Desk};
use crate::stack::Settings;
use crate::watch::{Answer, Question, Said, Watch};

/// What every command needs.
pub struct Call<'a> {
    /// The folder of the assembly.
    pub folder: PathBuf,
    /// The folder of all outputs: lock and journal lie below it.
    pub output: PathBuf,
    /// How stacks are deployed.
    pub settings: Settings,
    /// How AWS is reached.
    pub access: Access,
    /// A bucket for large templates, in every region; none for those of `meshsynth bootstrap`.
    pub bucket: Option<String>,
    /// How clusters are reached.
    pub ways: Ways,
    /// Who runs it, for whoever finds it locked.
    pub who: String,
    /// Whether the lock is taken from whoever holds it.
    pub breaks_lock: bool,
    /// Who is told and asked.
    pub watch: &'a dyn Watch,
    /// Whether somebody wishes to end.
    pub is_interrupted: fn() -> bool,
}

/// Says that AWS could not be looked at, before anything was begun.
pub(crate) fn unreadable(error: CloudError) -> anyhow::Error {
    let text = match error.fault {
        Fault::Credentials | Fault::NoCredentials => "not signed in to AWS, so nothing was begun",
        Fault::ClockSkew => "the clock of this machine is wrong, so AWS takes no call and nothing was begun",
        Fault::Endpoint => "AWS cannot be reached at the address that is given, so nothing was begun",
        Fault::OtherAccount | Fault::NoAccount => "the credentials do not fit the stacks, so nothing was begun",
        Fault::Denied if error.call == ASSUME_ROLE => "the role cannot be assumed, so nothing was begun",
        Fault::Denied => "AWS denies a call, so nothing was begun",
        Fault::Throttled => "AWS takes no more calls now, so nothing was begun",
        Fault::Unreachable => "AWS cannot be reached, so nothing was begun",
        Fault::Missing | Fault::Exists | Fault::State | Fault::Refused => {
            "AWS does not answer as it should, so nothing was begun"
        }
    };
    Failure::call(text, &error).into()
}

/// Writes down what is said, and passes it on.
pub(crate) struct Notes<'a> {
    /// None once it could not be written.
    journal: RefCell<Option<Box<dyn Write>>>,
    app: String,
    run: String,
    inner: &'a dyn Watch,
    /// What is never told.
    pub(crate) mask: Mask,
    /// When the lock was last known to be ours.
    pub(crate) pulse: Pulse,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(call: &Call<'a>, app: &str, mask: Mask, desk: &Desk) -> Result<Self> {
        Ok(Self::over(Box::new(desk.journal()?), app, &call.settings.run, mask, call.watch))
    }

    fn over(journal: Box<dyn Write>, app: &str, run: &str, mask: Mask, inner: &'a dyn Watch) -> Self {
        let (journal, pulse) = (RefCell::new(Some(journal)), Pulse::default());
        Self { journal, app: app.to_owned(), run: run.to_owned(), inner, mask, pulse }
    }

    /// Writes a line. A journal that cannot be written stops no deployment, and is told once.
    fn write(&self, said: &Said) {
        let line = record::line(&self.run, said);
        let mut journal = self.journal.borrow_mut();
        let written = journal.as_mut().map_or(Ok(()), |journal| journal.write_all(line.as_bytes()));
        if let Err(error) = written {
            *journal = None;
            let text = format!("the journal cannot be written, so this run is not in it: {error}");
            self.inner.say(&Said::Note { at: self.app.clone(), text });
        }
    }
}

impl Watch for Notes<'_> {
    fn say(&self, said: &Said) {
        let said = self.mask.said(said);
        // What it waits for is for the screen alone.
        if !matches!(said, Said::Doing { .. }) {
            self.write(&said);
        }
        self.inner.say(&said);
    }

    fn ask(&self, question: &Question) -> Answer {
        match self.inner.ask(question) {
            Answer::Yes if self.pulse.is_late() => {
                let text = "the answer came so late that the lock may be another's by now: nothing is done by it";
                self.say(&Said::Note { at: question.at.clone(), text: text.to_owned() });
                Answer::No
            }
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// A disk that is full.
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
    struct Heard(RefCell<Vec<Said>>);

    impl Watch for Heard {
        fn say(&self, said: &Said) {
            self.0.borrow_mut().push(said.clone());
        }

        fn ask(&self, _: &Question) -> Answer {
            Answer::Nobody
        }
    }

    #[test]
    fn a_journal_on_a_full_disk_stops_nothing_and_is_told_once() {
        let heard = Heard::default();
        let notes = Notes::over(Box::new(Full), "shop", "run1", Mask::default(), &heard);
        let began = |at: &str| Said::Began { at: at.to_owned() };
        for at in ["network", "data"] {
            notes.say(&began(at));
        }
        let heard = heard.0.borrow();
        assert_eq!((heard.len(), &heard[1], &heard[2]), (3, &began("network"), &began("data")));
        assert!(
            matches!(&heard[0], Said::Note { at, text } if at == "shop" && text.contains("no storage space")),
            "{heard:?}"
        );
    }
}
