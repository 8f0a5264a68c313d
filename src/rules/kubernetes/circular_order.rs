//! Two workloads wait for each other.
//!
//! # What it reports
//!
//! A call `a.after(&b)` closes a cycle: `b` already waits for `a`, directly or through other workloads. A workload that
//! waits for itself is reported, too.
//!
//! # Why it matters
//!
//! `a.after(&b)` deploys `a` when `b` is ready. In a cycle, no workload can be deployed first.
//!
//! # Fix
//!
//! Remove one of the two `after`. A workload that only calls another one needs no order: it becomes ready when the
//! other one responds.
//!
//! Source: <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>

#[cfg(test)]
mod tests {
    use crate::mesh::{Job, JobProps};
    use crate::testing::{codes, workload};

    fn codes_of(is_circle: bool) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            let migration = Job::new(orders.namespace(), "migrate", "registry.example/orders:1.4.0", JobProps::default());
            orders.after(&migration);
            if is_circle {
                migration.after(&orders);
            }
        })
    }

    #[test]
    fn reports_two_workloads_that_wait_for_each_other() {
        assert_eq!(codes_of(true), ["MS0443"]);
    }

    #[test]
    fn accepts_a_workload_that_waits_for_another() {
        assert_eq!(codes_of(false), [""; 0]);
    }
}
