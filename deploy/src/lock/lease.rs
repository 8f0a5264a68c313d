//! How long a lock is ours without being renewed.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::time::now;

/// How often a holder says that it is still there.
pub(super) const RENEWED_EVERY: Duration = Duration::from_secs(60);
/// How long a holder is taken for alive without a word.
pub const LEASE_TTL: Duration = Duration::from_secs(600);
/// When a lock was last known to be ours. Nothing renews it while somebody is asked at the terminal.
#[derive(Clone, Debug, Default)]
pub struct Lease(Rc<Cell<Option<u64>>>);

impl Lease {
    /// It is ours now.
    pub(super) fn renew(&self) {
        self.0.set(Some(now()));
    }

    /// Whether the lock may be another's by now, so that nothing may be done by what was asked under it.
    pub fn is_late(&self) -> bool {
        let limit = (LEASE_TTL - 2 * RENEWED_EVERY).as_secs();
        self.0.get().is_some_and(|at| now().saturating_sub(at) > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_too_late_is_known_to_be_late() {
        let lease = Lease::default();
        assert!(!lease.is_late(), "without a lock nothing is late");
        lease.renew();
        assert!(!lease.is_late());
        lease.0.set(Some(now() - 479));
        assert!(!lease.is_late());
        lease.0.set(Some(now() - 482));
        assert!(lease.is_late(), "two minutes before anybody may take the lock");
    }
}
