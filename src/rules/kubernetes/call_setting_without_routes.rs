//! A call has a timeout or retries, and its callee has no routes to keep them.
//!
//! They are kept by the routes that the proxies of callers have for the ports of a `Workload`. A `StatefulSet`, a
//! `DaemonSet`, and what somebody else runs have none: the setting would be lost.
//!
//! Leave timeout and retries to the client, or call a `Workload`.
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
    fn a_timeout_without_routes_is_an_error() {
        assert_eq!(with(CallProps { timeout: Some(Duration::seconds(2)), ..Default::default() }), ["MS0442"]);
    }

    #[test]
    fn a_plain_call_is_fine() {
        assert_eq!(with(CallProps::default()), [""; 0]);
    }
}
