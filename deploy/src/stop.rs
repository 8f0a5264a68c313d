//! Whether a run was cancelled: by the user, or because its lock was lost.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::failure::{Failure, Kind};

/// How long what is at work may take to end once the run is cancelled: what AWS was told then goes on there.
const GRACE: Duration = Duration::from_secs(2);

/// Whether a run was cancelled: the first interrupt ends a deployment at the next call.
#[derive(Clone, Default)]
pub struct Stop(Rc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: Cell<Option<Kind>>,
    bell: Notify,
}

impl Stop {
    /// The run is cancelled.
    pub fn cancel(&self) {
        self.end(Kind::Interrupted);
    }

    /// The lock is another's now.
    pub fn lose_lock(&self) {
        self.end(Kind::LockLost);
    }

    fn end(&self, why: Kind) {
        // Who ends a run that has lost its lock, ends it.
        if self.0.cancelled.get() != Some(Kind::Interrupted) {
            self.0.cancelled.set(Some(why));
        }
        self.0.bell.notify_waiters();
    }

    /// Whether nothing more may be begun.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.get().is_some()
    }

    /// Whether the run was cancelled.
    pub fn is_interrupted(&self) -> bool {
        self.0.cancelled.get() == Some(Kind::Interrupted)
    }

    /// Waits until the run is cancelled.
    pub async fn interrupted(&self) {
        while !self.is_interrupted() {
            self.0.bell.notified().await;
        }
    }

    /// Waits until the run is cancelled, and what is at work had its time to.
    pub async fn overdue(&self) {
        self.interrupted().await;
        tokio::time::sleep(GRACE).await;
    }

    /// Does something that changes nothing, and leaves it where it is once the run is cancelled.
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
            ..Failure::interrupted("interrupted: nothing was started")
        }
    }

    /// Waits, unless the run is cancelled.
    pub async fn sleep(&self, time: Duration) {
        if !self.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = self.0.bell.notified() => {}
            }
        }
    }
}
