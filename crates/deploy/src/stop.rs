//! The cancellation of a run, by the user or by the loss of its lock.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::failure::{Failure, Kind};

/// The time for operations to end after a cancellation. Operations in AWS continue afterwards.
const GRACE: Duration = Duration::from_secs(2);

/// The cancellation of a run. The first interrupt ends a deployment at the next call.
#[derive(Clone, Default)]
pub struct Stop(Rc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: Cell<Option<Kind>>,
    bell: Notify,
}

impl Stop {
    /// Cancels the run for the user.
    pub fn cancel(&self) {
        self.end(Kind::Interrupted);
    }

    /// Cancels the run because another run has the lock.
    pub fn lose_lock(&self) {
        self.end(Kind::LockLost);
    }

    fn end(&self, why: Kind) {
        // A user interruption overrides the loss of the lock.
        if self.0.cancelled.get() != Some(Kind::Interrupted) {
            self.0.cancelled.set(Some(why));
        }
        self.0.bell.notify_waiters();
    }

    /// Whether no further operation may start.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.get().is_some()
    }

    /// Whether the user cancelled the run.
    pub fn is_interrupted(&self) -> bool {
        self.0.cancelled.get() == Some(Kind::Interrupted)
    }

    /// Waits until the user cancels the run.
    pub async fn interrupted(&self) {
        while !self.is_interrupted() {
            self.0.bell.notified().await;
        }
    }

    /// Waits until the user cancelled the run and the time for running operations is over.
    pub async fn overdue(&self) {
        self.interrupted().await;
        tokio::time::sleep(GRACE).await;
    }

    /// Runs a read-only operation, which a cancellation stops immediately.
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

    /// Creates the failure for an interruption before any change.
    pub(crate) fn in_time() -> Failure {
        Failure {
            help: "run the same command again".to_owned(),
            ..Failure::interrupted("interrupted: no operation was started")
        }
    }

    /// Sleeps for a time. A cancellation ends the sleep early.
    pub async fn sleep(&self, time: Duration) {
        if !self.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = self.0.bell.notified() => {}
            }
        }
    }
}
