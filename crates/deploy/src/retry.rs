//! Retries calls with transient errors, with increasing delays.
//!
//! Source: <https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

use crate::retryable::Retryable;
use crate::stop::Stop;

/// The first delay of a retry to AWS.
const FIRST: Duration = Duration::from_millis(250);
/// The maximum delay while AWS throttles calls. AWS refills its limits within seconds.
const LONGEST_THROTTLED: Duration = Duration::from_secs(1);
/// The maximum delay otherwise, and for throttling that lasts longer than [`THROTTLING_TIMEOUT`].
const LONGEST: Duration = Duration::from_secs(20);
/// The time during which throttling is expected to end soon.
const THROTTLING_TIMEOUT: Duration = Duration::from_secs(30);

/// The delays between the attempts of one call.
pub struct Backoff {
    pauses: Pauses,
    timeout: Duration,
    n_pauses: u32,
    begin: Instant,
}

enum Pauses {
    /// Random delays, so that callers do not retry simultaneously.
    Jittered { seed: u64 },
    /// Delays that double up to a maximum.
    Doubling { first: Duration, longest: Duration },
}

impl Backoff {
    /// Creates random delays that differ between callers. Retries stop after `timeout`.
    pub fn jittered(caller: impl Hash, timeout: Duration) -> Self {
        let mut hasher = DefaultHasher::new();
        caller.hash(&mut hasher);
        Self::new(Pauses::Jittered { seed: hasher.finish() }, timeout)
    }

    /// Creates delays that double from `first` to `longest`. Retries stop after `timeout`.
    pub fn doubling(first: Duration, longest: Duration, timeout: Duration) -> Self {
        Self::new(Pauses::Doubling { first, longest }, timeout)
    }

    fn new(pauses: Pauses, timeout: Duration) -> Self {
        Self { pauses, timeout, n_pauses: 0, begin: Instant::now() }
    }

    fn is_over(&self) -> bool {
        self.begin.elapsed() >= self.timeout
    }

    /// Returns the next delay.
    fn next(&mut self, is_throttled: bool) -> Duration {
        let n_pauses = self.n_pauses;
        let factor = 2_u32.saturating_pow(n_pauses.min(16));
        self.n_pauses += 1;
        match self.pauses {
            Pauses::Doubling { first, longest } => longest.min(first * factor),
            Pauses::Jittered { seed } => {
                let is_quick = is_throttled && self.begin.elapsed() < THROTTLING_TIMEOUT;
                let whole = if is_quick { LONGEST_THROTTLED } else { LONGEST }.min(FIRST * factor);
                let mut hasher = DefaultHasher::new();
                (seed, n_pauses).hash(&mut hasher);
                // Jitter: between 25 % and 100 % of the delay.
                whole * (64 + u32::try_from(hasher.finish() % 192).unwrap_or_default()) / 256
            }
        }
    }
}

/// Makes a call, and retries transient errors. `wait` receives the delay and the error, and sleeps.
pub async fn retry<T, E: Retryable>(
    mut backoff: Backoff,
    stop: &Stop,
    mut wait: impl AsyncFnMut(Duration, &E),
    call: impl AsyncFn() -> Result<T, E>,
) -> Result<T, E> {
    loop {
        // The future of an SDK call is large.
        match Box::pin(call()).await {
            Err(error) if error.is_transient() && !backoff.is_over() && !stop.is_cancelled() => {
                let pause = backoff.next(error.is_throttled());
                wait(pause, &error).await;
            }
            result => return result,
        }
    }
}

/// An error that is transient only if calls were throttled. A read does not wait for an unavailable network.
struct Throttled<E>(E);

impl<E: Retryable> Retryable for Throttled<E> {
    fn is_transient(&self) -> bool {
        self.0.is_throttled()
    }

    fn is_throttled(&self) -> bool {
        self.0.is_throttled()
    }
}

/// Makes a read call, and retries it for a limited time while calls are throttled.
pub async fn retry_throttled<T, E: Retryable>(stop: &Stop, call: impl AsyncFn() -> Result<T, E>) -> Result<T, E> {
    let backoff = Backoff::jittered("read", THROTTLING_TIMEOUT);
    let wait = async |pause: Duration, _: &Throttled<E>| stop.sleep(pause).await;
    retry(backoff, stop, wait, async || call().await.map_err(Throttled)).await.map_err(|error| error.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn jittered_delays_grow_to_a_limit_and_differ() {
        let pauses = |caller: &str, is_throttled: bool| {
            let mut backoff = Backoff::jittered(caller, THROTTLING_TIMEOUT);
            (0..16).map(|_| backoff.next(is_throttled)).collect::<Vec<_>>()
        };
        let sum = |pauses: &[Duration]| pauses.iter().sum::<Duration>();
        let throttled = pauses("a", true);
        assert!(throttled.iter().all(|pause| *pause <= LONGEST_THROTTLED) && throttled[0] <= FIRST);
        assert!(sum(&throttled) < Duration::from_secs(14), "{throttled:?}");
        assert_ne!(throttled, pauses("b", true));
        assert!(sum(&pauses("a", false)) > Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn delays_double_up_to_the_maximum() {
        let seconds = Duration::from_secs;
        let mut backoff = Backoff::doubling(seconds(1), seconds(15), seconds(60));
        let pauses: Vec<u64> = (0..6).map(|_| backoff.next(false).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
    }
}
