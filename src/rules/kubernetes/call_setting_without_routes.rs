//! A call sets a timeout or retries, but its callee has no routes for them.
//!
//! # What it reports
//!
//! The callee of a call with a timeout, retries or another route setting is not a `Workload`. A `StatefulSet`, a
//! `DaemonSet` and an existing callee have no routes.
//!
//! # Why it matters
//!
//! The proxies of callers apply these settings in their routes for the ports of a `Workload`. Without routes, the
//! setting would have no effect.
//!
//! # Fix
//!
//! Set the timeout and retries in the client, or call a `Workload`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute>

#[cfg(test)]
mod tests {
    use crate::mesh::{CallProps, StatefulSet, StatefulSetProps};
    use crate::testing::{codes, mesh_workload};
    use crate::units::Duration;

    fn with(props: CallProps) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            let of_index = StatefulSetProps { protocol: crate::mesh::Protocol::Http, ..Default::default() };
            let index = StatefulSet::new(orders.namespace(), "index", "registry.example/index:7.2.0", of_index);
            orders.calls_with(&index, props);
        })
    }

    #[test]
    fn reports_a_timeout_without_routes() {
        assert_eq!(with(CallProps { timeout: Some(Duration::seconds(2)), ..Default::default() }), ["MS0442"]);
    }

    #[test]
    fn accepts_a_plain_call() {
        assert_eq!(with(CallProps::default()), [""; 0]);
    }
}
