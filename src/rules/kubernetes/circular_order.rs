//! Two workloads wait for each other.
//!
//! `a.after(&b)` deploys `a` once `b` is ready. Where `b` waits for `a` too, by whatever way, neither could begin.
//!
//! Leave out one of them. What only calls the other needs no order: it is ready once the other answers.
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
    fn two_that_wait_for_each_other_are_an_error() {
        assert_eq!(codes_of(true), ["MS0443"]);
    }

    #[test]
    fn one_that_waits_is_fine() {
        assert_eq!(codes_of(false), [""; 0]);
    }
}
