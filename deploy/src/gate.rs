//! What is asked before anything more is begun: whether the lock is still ours.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::cloud::Cloud;
use crate::failure::Failure;
use crate::lock::Lock;

/// An answer is good for this long, so that what begins at once asks once.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Who says whether something more may be begun.
pub trait Permit {
    /// Asks; a failure says why not.
    fn permit(&self) -> LocalBoxFuture<'_, Result<(), Failure>>;
}

impl Permit for Gate<'_> {
    fn permit(&self) -> LocalBoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.check())
    }
}

/// Asks whether the lock is still ours.
type Check<'a> = Box<dyn Fn() -> LocalBoxFuture<'a, Result<(), Failure>> + 'a>;

/// Whether something more may be begun.
pub struct Gate<'a> {
    check: Option<Check<'a>>,
    opened: Mutex<Option<Instant>>,
}

impl<'a> Gate<'a> {
    /// A gate without a lock: it is always open.
    pub fn open() -> Self {
        Self { check: None, opened: Mutex::new(None) }
    }

    /// A gate that is open for as long as the lock is ours.
    pub fn of<C: Cloud>(lock: &'a Lock<'a, C>) -> Self {
        Self { check: Some(Box::new(|| Box::pin(lock.check()))), opened: Mutex::new(None) }
    }

    /// Asks; a failure says who has the lock now.
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
