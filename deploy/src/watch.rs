//! Who is told what happens, and who is asked.

use crate::approval::Why;
use crate::event::Event;
use crate::judgement::Judgement;

/// What somebody is asked before it is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The stack or the cluster.
    pub at: String,
    /// What would change.
    pub judgement: Judgement,
    /// Why it is asked.
    pub why: Why,
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may be done.
    Yes,
    /// It must not be done.
    No,
    /// There is nobody to ask.
    Nobody,
    /// Somebody ended the run instead of answering.
    Interrupted,
}

/// Who is told and asked.
pub trait Watch {
    /// Takes note.
    fn say(&self, event: &Event);
    /// Asks.
    fn ask(&self, question: &Question) -> Answer;
}
