//! Waits for an object, and reports the reason every half minute.

use std::time::Duration;

use tokio::time::Instant;

use crate::event::Event;
use crate::stop::Stop;
use crate::watch::Watch;

/// The interval between reports.
const TELL: Duration = Duration::from_secs(30);

/// A wait for an object.
pub(super) struct Pause<'a> {
    watch: &'a dyn Watch,
    stop: &'a Stop,
    cluster: &'a str,
    name: String,
    begin: Instant,
    told: Duration,
}

impl<'a> Pause<'a> {
    /// Starts to wait for an object in a cluster.
    pub(super) fn new(watch: &'a dyn Watch, stop: &'a Stop, cluster: &'a str, name: impl Into<String>) -> Self {
        Self { watch, stop, cluster, name: name.into(), begin: Instant::now(), told: Duration::ZERO }
    }

    /// Returns the waiting time.
    pub(super) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Whether a report is due.
    pub(super) fn is_due(&self) -> bool {
        self.begin.elapsed() >= self.told + TELL
    }

    /// Reports the reason if a report is due.
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

    /// Reports the reason if a report is due, and sleeps.
    pub(super) async fn take(&mut self, time: Duration, reason: &str) {
        self.tell(reason);
        self.watch.say(&Event::Doing { at: self.cluster.to_owned(), text: format!("{}: {reason}", self.name) });
        self.stop.sleep(time).await;
    }
}
