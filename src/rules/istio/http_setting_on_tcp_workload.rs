//! A setting of HTTP requests, and the workload's protocol is TCP.
//!
//! Routes, timeouts, retries, paths, methods and JWTs apply to HTTP requests. If the
//! protocol of a workload is `Tcp`, a proxy sees bytes only: it ignores the
//! setting, and an authorization policy with a path denies every request.
//!
//! Set the protocol of the workload to `Protocol::Http`, `Http2` or `Grpc`, or
//! remove the setting.
//!
//! Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/>

#[cfg(test)]
mod tests {
    use crate::mesh::{CallProps, Protocol, Workload, WorkloadProps};
    use crate::testing::{codes, mesh_workload};

    fn calling(protocol: Protocol) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            let props = WorkloadProps { protocol, ..Default::default() };
            let ledger = Workload::new(orders.namespace(), "ledger", "registry.example/ledger:1.0.0", props);
            orders.calls_with(&ledger, CallProps { methods: vec!["GET".to_owned()], ..Default::default() });
        })
    }

    #[test]
    fn methods_of_a_workload_that_speaks_tcp_are_an_error() {
        assert_eq!(calling(Protocol::Tcp), ["MS1030"]);
    }

    #[test]
    fn methods_of_a_workload_that_speaks_http_are_fine() {
        assert_eq!(calling(Protocol::Http), [""; 0]);
    }
}
