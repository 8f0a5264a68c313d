//! A setting for HTTP requests is used with a workload whose protocol is TCP.
//!
//! # What it reports
//!
//! A route, timeout, retry, path, method or JWT setting is added to a workload or port with the protocol `Tcp`.
//!
//! # Why it matters
//!
//! For the protocol `Tcp`, a proxy sees only bytes. It ignores the setting, and an authorization policy with a path
//! denies every request.
//!
//! # Fix
//!
//! Set the protocol of the workload to `Protocol::Http`, `Http2` or `Grpc`, or remove the setting.
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
    fn reports_methods_in_a_rule_for_a_tcp_workload() {
        assert_eq!(calling(Protocol::Tcp), ["MS1030"]);
    }

    #[test]
    fn accepts_methods_in_a_rule_for_an_http_workload() {
        assert_eq!(calling(Protocol::Http), [""; 0]);
    }
}
