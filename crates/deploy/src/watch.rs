//! The receiver of events and questions during a run.

use crate::approval::Why;
use crate::event::Event;
use crate::judgement::Judgement;

/// A request for approval.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The stack or the cluster.
    pub at: String,
    /// The expected changes.
    pub judgement: Judgement,
    /// The reason for the request.
    pub why: Why,
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The user approved the changes.
    Yes,
    /// The user rejected the changes.
    No,
    /// No user can answer.
    Nobody,
    /// The user interrupted the run.
    Interrupted,
}

/// A receiver of events and questions.
pub trait Watch {
    /// Receives an event.
    fn say(&self, event: &Event);
    /// Prompts the user.
    fn ask(&self, question: &Question) -> Answer;
}
