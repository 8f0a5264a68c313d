//! Waiting for an object, told every half minute with its reason.

use std::time::Duration;

use tokio::time::Instant;

use crate::event::Event;
use crate::stop::Stop;
use crate::watch::Watch;

/// How often it is told that something is waited for.
const TELL: Duration = Duration::from_secs(30);

/// A wait for something.
pub(super) struct Pause<'a> {
    watch: &'a dyn Watch,
    stop: &'a Stop,
    cluster: &'a str,
    name: String,
    begin: Instant,
    told: Duration,
}

impl<'a> Pause<'a> {
    /// Begins to wait for something in a cluster.
    pub(super) fn new(watch: &'a dyn Watch, stop: &'a Stop, cluster: &'a str, name: impl Into<String>) -> Self {
        Self { watch, stop, cluster, name: name.into(), begin: Instant::now(), told: Duration::ZERO }
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
        self.watch.say(&Event::Waiting {
            at: self.cluster.to_owned(),
            name: self.name.clone(),
            reason: reason.to_owned(),
            waited: self.told.as_secs(),
        });
    }

    /// Waits a little, and tells the reason.
    pub(super) async fn take(&mut self, time: Duration, reason: &str) {
        self.tell(reason);
        self.watch.say(&Event::Doing { at: self.cluster.to_owned(), text: format!("{}: {reason}", self.name) });
        self.stop.sleep(time).await;
    }
}
