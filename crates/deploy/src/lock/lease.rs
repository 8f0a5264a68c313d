//! The lease: the time during which a lock remains valid without renewal.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::time::now;

/// The interval between renewals.
pub(super) const RENEWED_EVERY: Duration = Duration::from_secs(60);
/// The time without renewal after which another run can take over the lock.
pub const LEASE_TTL: Duration = Duration::from_secs(600);
/// The time of the last successful renewal. A terminal prompt blocks renewals.
#[derive(Clone, Debug, Default)]
pub struct Lease(Rc<Cell<Option<u64>>>);

impl Lease {
    /// Records a renewal.
    pub(super) fn renew(&self) {
        self.0.set(Some(now()));
    }

    /// Whether the lock can belong to another run by now. An approval that arrives this late must not be used.
    pub fn is_late(&self) -> bool {
        let limit = (LEASE_TTL - 2 * RENEWED_EVERY).as_secs();
        self.0.get().is_some_and(|at| now().saturating_sub(at) > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_late_approvals() {
        let lease = Lease::default();
        assert!(!lease.is_late(), "without a lock nothing is late");
        lease.renew();
        assert!(!lease.is_late());
        lease.0.set(Some(now() - 479));
        assert!(!lease.is_late());
        lease.0.set(Some(now() - 482));
        assert!(lease.is_late(), "two minutes before the lock expires");
    }
}
