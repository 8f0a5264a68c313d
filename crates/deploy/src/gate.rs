//! The gate: checks before each new operation that this run still has the lock.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::cloud::Cloud;
use crate::failure::Failure;
use crate::lock::Lock;

/// The validity of a check result. Operations that start together share one check.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// A check before each new operation.
pub trait Permit {
    /// Returns a failure if no further operation may start.
    fn permit(&self) -> LocalBoxFuture<'_, Result<(), Failure>>;
}

impl Permit for Gate<'_> {
    fn permit(&self) -> LocalBoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.check())
    }
}

/// The check of the lock.
type Check<'a> = Box<dyn Fn() -> LocalBoxFuture<'a, Result<(), Failure>> + 'a>;

/// A gate that closes when the run loses its lock.
pub struct Gate<'a> {
    check: Option<Check<'a>>,
    opened: Mutex<Option<Instant>>,
}

impl<'a> Gate<'a> {
    /// Creates a gate without a lock. It is always open.
    pub fn open() -> Self {
        Self { check: None, opened: Mutex::new(None) }
    }

    /// Creates a gate that is open while this run has the lock.
    pub fn of<C: Cloud>(lock: &'a Lock<'a, C>) -> Self {
        Self { check: Some(Box::new(|| Box::pin(lock.check()))), opened: Mutex::new(None) }
    }

    /// Checks the gate. The failure names the current owner of the lock.
    pub async fn check(&self) -> Result<(), Failure> {
        let Some(check) = &self.check else { return Ok(()) };
        let mut opened = self.opened.lock().await;
        if opened.is_none_or(|at| at.elapsed() >= GOOD_FOR) {
            check().await?;
            *opened = Some(Instant::now());
        }
        Ok(())
    }
}
