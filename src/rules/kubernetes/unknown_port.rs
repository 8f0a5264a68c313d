//! A call names a port that the callee does not have.
//!
//! # What it reports
//!
//! `at_port("grpc")` refers to a port of `PodProps::ports` or `ExistingCallee::ports`. The rule reports a name that is
//! not in this list.
//!
//! # Why it matters
//!
//! The callee does not listen on another port, so the call cannot succeed.
//!
//! # Fix
//!
//! Use the name of an existing port, or add the port.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports>

#[cfg(test)]
mod tests {
    use crate::mesh::{Callee, ExistingCallee, PodProps, Port, Protocol, Workload, WorkloadProps};
    use crate::testing::{codes, stack, workload};

    fn calling(name: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            let pod = PodProps { ports: vec![Port::new("grpc", 9090, Protocol::Grpc)], ..Default::default() };
            let props = WorkloadProps { pod, ..Default::default() };
            let stock = Workload::new(orders.namespace(), "stock", "registry.example/stock:2.0.0", props);
            orders.calls(&stock.at_port(name));
            let known = ExistingCallee::new("messaging", "rabbitmq", 5672, Protocol::Grpc);
            let rabbitmq = Callee::import(&stack(app, "run"), "rabbitmq", known);
            orders.calls(&rabbitmq.at_port(name));
        })
    }

    #[test]
    fn reports_a_missing_port() {
        assert!(calling("rpc").contains(&"MS0441"));
    }

    #[test]
    fn accepts_an_existing_port() {
        assert!(!calling("grpc").contains(&"MS0441"));
    }
}
