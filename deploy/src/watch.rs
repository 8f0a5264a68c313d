//! Who is told what happens, who is asked, and who may end it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;

use crate::approval::Why;
use crate::failure::{Failure, Kind};
use crate::judgement::{AccessRow, Judgement, Row};

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
    /// Something has been waited for, half a minute or longer.
    Waiting {
        /// The stack or the cluster.
        at: String,
        /// The resource or the object.
        name: String,
        /// What it waits for.
        reason: String,
        /// How long, in seconds.
        waited: u64,
    },
    /// What would change.
    Changes {
        /// The stack or the cluster.
        at: String,
        /// Each with its verdict.
        changes: Vec<Row>,
        /// Who may do more or less than before.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        access: Vec<AccessRow>,
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
    fn say(&self, said: &Said);
    /// Asks.
    fn ask(&self, question: &Question) -> Answer;
}

/// How long what is at work may take to end once somebody wishes it: what AWS was told then goes on there.
const GRACE: Duration = Duration::from_secs(2);

/// The wish to end: the first one ends a deployment at the next call.
#[derive(Clone, Default)]
pub struct Stop(Rc<Inner>);

#[derive(Default)]
struct Inner {
    wished: Cell<Option<Kind>>,
    bell: Notify,
}

impl Stop {
    /// Somebody wishes to end.
    pub fn wish(&self) {
        self.end(Kind::Interrupted);
    }

    /// The lock is another's now.
    pub fn lose(&self) {
        self.end(Kind::LockLost);
    }

    fn end(&self, why: Kind) {
        // Who ends a run that has lost its lock, ends it.
        if self.0.wished.get() != Some(Kind::Interrupted) {
            self.0.wished.set(Some(why));
        }
        self.0.bell.notify_waiters();
    }

    /// Whether nothing more may be begun.
    pub fn is_wished(&self) -> bool {
        self.0.wished.get().is_some()
    }

    /// Whether somebody wishes to end.
    pub fn is_interrupted(&self) -> bool {
        self.0.wished.get() == Some(Kind::Interrupted)
    }

    /// Waits until somebody wishes to end.
    pub async fn interrupted(&self) {
        while !self.is_interrupted() {
            self.0.bell.notified().await;
        }
    }

    /// Waits until somebody wishes to end, and what is at work had its time to.
    pub async fn overdue(&self) {
        self.interrupted().await;
        tokio::time::sleep(GRACE).await;
    }

    /// Does something that changes nothing, and leaves it where it is once somebody wishes to end.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        if self.is_interrupted() {
            return Err(Self::in_time());
        }
        tokio::select! {
            biased;
            () = self.interrupted() => Err(Self::in_time()),
            done = work => Ok(done),
        }
    }

    /// Somebody ended a run before it changed anything.
    pub(crate) fn in_time() -> Failure {
        Failure {
            help: "run the same command again".to_owned(),
            ..Failure::interrupted("interrupted: nothing was begun")
        }
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
