//! An existing callee has no ports.
//!
//! # What it reports
//!
//! `ExistingCallee::ports` is empty.
//!
//! # Why it matters
//!
//! A call opens a port of the callee in network policies. Without a port, the call opens nothing.
//!
//! # Fix
//!
//! List the ports of its `Service` in `ExistingCallee::ports`, with the main port first.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/>

#[cfg(test)]
mod tests {
    use crate::mesh::{Callee, ExistingCallee, Protocol};
    use crate::testing::{codes, workload};

    fn with(ports: usize) -> Vec<&'static str> {
        codes(|app| {
            let mut known = ExistingCallee::new("messaging", "rabbitmq", 5672, Protocol::Tcp);
            known.ports.truncate(ports);
            let orders = workload(app);
            let callee = Callee::import(orders.namespace(), "rabbitmq", known);
            if ports > 0 {
                orders.calls(&callee);
            }
        })
    }

    #[test]
    fn reports_a_callee_without_ports() {
        assert_eq!(with(0), ["MS0444"]);
    }

    #[test]
    fn accepts_a_callee_with_a_port() {
        assert_eq!(with(1), [""; 0]);
    }
}
