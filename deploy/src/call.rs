//! What surrounds a command: where its assembly is, how AWS and clusters are reached, and who is told.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::aws::Access;
use crate::cloud::{CloudError, Fault};
use crate::clusters::Ways;
use crate::failure::Failure;
use crate::lock::Pulse;
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
        Fault::Credentials => "not signed in to AWS, so nothing was begun",
        _ => "AWS does not answer as it should, and nothing was begun",
    };
    Failure::call(text, &error).into()
}

/// Writes down what is said, and passes it on.
pub(crate) struct Notes<'a> {
    journal: RefCell<File>,
    run: String,
    inner: &'a dyn Watch,
    /// When the lock was last known to be ours.
    pub(crate) pulse: Pulse,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(call: &Call<'a>, desk: &Desk) -> Result<Self> {
        let (journal, run) = (RefCell::new(desk.journal()?), call.settings.run.clone());
        Ok(Self { journal, run, inner: call.watch, pulse: Pulse::default() })
    }
}

impl Watch for Notes<'_> {
    fn say(&self, said: &Said) {
        // What it waits for is for the screen alone. A journal that cannot be written stops no deployment.
        if !matches!(said, Said::Doing { .. }) {
            let _ = self.journal.borrow_mut().write_all(record::line(&self.run, said).as_bytes());
        }
        self.inner.say(said);
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
