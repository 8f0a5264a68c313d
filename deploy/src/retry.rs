//! Calls that are made again: pauses that grow, each of them shortened by chance so that many do not call at once.
//!
//! Source: <https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::{CloudError, Fault};
use crate::watch::Stop;

/// The first pause.
const FIRST: Duration = Duration::from_millis(250);
/// The longest pause while AWS takes no more calls: its limits are refilled within seconds.
const LONGEST: Duration = Duration::from_secs(1);
/// The longest pause once that has gone on for [`LONG`].
const LONGEST_LATER: Duration = Duration::from_secs(20);
/// How long calls are made again quickly.
const LONG: Duration = Duration::from_secs(30);

/// The pauses between the attempts of one call.
pub struct Backoff {
    seed: u64,
    n_pauses: u32,
    begin: Instant,
}

impl Backoff {
    /// Pauses that differ from those of every other caller.
    pub fn new(caller: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        caller.hash(&mut hasher);
        Self { seed: hasher.finish(), n_pauses: 0, begin: Instant::now() }
    }

    /// How long it has been tried.
    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// The next pause.
    pub fn next(&mut self, fault: Fault) -> Duration {
        let is_quick = fault == Fault::Throttled && self.elapsed() < LONG;
        let longest = if is_quick { LONGEST } else { LONGEST_LATER };
        let whole = longest.min(FIRST * 2_u32.saturating_pow(self.n_pauses.min(16)));
        let mut hasher = DefaultHasher::new();
        (self.seed, self.n_pauses).hash(&mut hasher);
        self.n_pauses += 1;
        // Between a fourth and the whole of it.
        whole * (64 + u32::try_from(hasher.finish() % 192).unwrap_or_default()) / 256
    }
}

/// Makes a call that changes nothing, and makes it again for a while where AWS takes no more calls.
pub async fn patiently<T>(stop: &Stop, call: impl AsyncFn() -> Result<T, CloudError>) -> Result<T, CloudError> {
    let mut backoff = Backoff::new("read");
    loop {
        // A call of the SDK is deep.
        match Box::pin(call()).await {
            Err(error) if error.fault == Fault::Throttled && backoff.elapsed() < LONG && !stop.is_wished() => {
                stop.sleep(backoff.next(error.fault)).await;
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_a_bound_and_differ_between_callers() {
        let pauses = |caller: &str, fault: Fault| {
            let mut backoff = Backoff::new(caller);
            (0..16).map(|_| backoff.next(fault)).collect::<Vec<_>>()
        };
        let sum = |pauses: &[Duration]| pauses.iter().sum::<Duration>();
        let throttled = pauses("a", Fault::Throttled);
        assert!(throttled.iter().all(|pause| *pause <= LONGEST) && throttled[0] <= FIRST);
        assert!(sum(&throttled) < Duration::from_secs(14), "{throttled:?}");
        assert_ne!(throttled, pauses("b", Fault::Throttled));
        assert!(sum(&pauses("a", Fault::Unreachable)) > Duration::from_secs(60));
    }
}
