//! Who is told what happens, who is asked, and who may end it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use crate::failure::Failure;
use crate::verdict::Verdict;

/// Something that happened, for people, for programs and for the journal. It holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Said {
    /// A stack or a cluster begins.
    Began {
        /// Its id.
        at: String,
    },
    /// What it does or waits for.
    Doing {
        /// The stack or the cluster.
        at: String,
        /// In words.
        text: String,
    },
    /// What would change.
    Changes {
        /// The stack or the cluster.
        at: String,
        /// Each with its verdict.
        changes: Vec<Verdict>,
    },
    /// A resource or an object reached a state.
    Reached {
        /// The stack or the cluster.
        at: String,
        /// The resource or the object.
        name: String,
        /// Such as `CREATE_COMPLETE`.
        state: String,
        /// Why, where something is wrong.
        #[serde(skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Somebody should know.
    Note {
        /// The stack or the cluster.
        at: String,
        /// In words.
        text: String,
    },
    /// A stack or a cluster is done.
    Done {
        /// Its id.
        at: String,
        /// In words.
        text: String,
    },
    /// A stack or a cluster failed.
    Failed {
        /// Its id.
        at: String,
        /// Why, and what to do.
        failure: Failure,
    },
    /// A stack or a cluster was not begun.
    Skipped {
        /// Its id.
        at: String,
        /// What it waited for.
        because: String,
    },
}

/// What somebody is asked before it is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The stack or the cluster.
    pub at: String,
    /// What would change.
    pub changes: Vec<Verdict>,
    /// Why it is asked.
    pub why: String,
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
}

/// Who is told and asked.
pub trait Watch {
    /// Takes note.
    fn say(&self, said: &Said);
    /// Asks.
    fn ask(&self, question: &Question) -> Answer;
}

/// The wish to end: the first one ends a deployment at the next call.
#[derive(Clone, Default)]
pub struct Stop(Rc<Inner>);

#[derive(Default)]
struct Inner {
    wished: Cell<bool>,
    bell: Notify,
}

impl Stop {
    /// Wishes to end.
    pub fn wish(&self) {
        self.0.wished.set(true);
        self.0.bell.notify_waiters();
    }

    /// Whether somebody wishes to end.
    pub fn is_wished(&self) -> bool {
        self.0.wished.get()
    }

    /// Waits, unless somebody wishes to end.
    pub async fn sleep(&self, time: Duration) {
        if !self.is_wished() {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = self.0.bell.notified() => {}
            }
        }
    }
}
