//! Waiting for an object, told every half minute with its reason.

use std::time::Duration;

use tokio::time::Instant;

use super::Worker;
use crate::watch::Said;

/// How often it is told that something is waited for.
const TELL: Duration = Duration::from_secs(30);

/// A wait for something.
pub(super) struct Pause<'a, 'w, K> {
    worker: &'a Worker<'w, K>,
    name: String,
    begin: Instant,
    told: Duration,
}

impl<'a, 'w, K> Pause<'a, 'w, K> {
    /// Begins to wait.
    pub(super) fn new(worker: &'a Worker<'w, K>, name: impl Into<String>) -> Self {
        Self { worker, name: name.into(), begin: Instant::now(), told: Duration::ZERO }
    }

    /// How long it has been waited.
    pub(super) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Whether it is to be told.
    pub(super) fn is_due(&self) -> bool {
        self.begin.elapsed() >= self.told + TELL
    }

    /// Tells the reason, where it is time to.
    pub(super) fn tell(&mut self, reason: &str) {
        if !self.is_due() {
            return;
        }
        self.told = self.begin.elapsed();
        self.worker.watch.say(&Said::Waiting {
            at: self.worker.cluster.to_owned(),
            name: self.name.clone(),
            reason: reason.to_owned(),
            waited: self.told.as_secs(),
        });
    }

    /// Waits a little, and tells the reason.
    pub(super) async fn take(&mut self, time: Duration, reason: &str) {
        self.tell(reason);
        self.worker.doing(format!("{}: {reason}", self.name));
        self.worker.stop.sleep(time).await;
    }
}
