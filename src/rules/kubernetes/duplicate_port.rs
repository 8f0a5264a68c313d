//! Two ports of a workload have the same name or number.
//!
//! # What it reports
//!
//! Two entries of `PodProps::ports`, including the main port, have the same name or the same number.
//!
//! # Why it matters
//!
//! A `Service` refers to a port by its name, and a container listens once on a number. The API server rejects the
//! `Service`, or clients never reach one of the ports.
//!
//! # Fix
//!
//! Give each port of `PodProps::ports` a unique name and number. The main port has the name of its protocol: `http`,
//! `http2`, `grpc` or `tcp`.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services>

#[cfg(test)]
mod tests {
    use crate::mesh::{PodProps, Port, Protocol, Workload, WorkloadProps};
    use crate::testing::{codes, namespace};

    fn with(name: &str, port: u16) -> Vec<&'static str> {
        codes(|app| {
            let pod = PodProps { ports: vec![Port::new(name, port, Protocol::Http)], ..Default::default() };
            let props = WorkloadProps { pod, ..Default::default() };
            Workload::new(&namespace(app), "orders", "registry.example/orders:1.4.0", props);
        })
    }

    #[test]
    fn reports_two_ports_with_the_same_name_or_number() {
        assert!(with("http", 9090).contains(&"MS0440"));
        assert!(with("metrics", 8080).contains(&"MS0440"));
    }

    #[test]
    fn accepts_a_unique_port() {
        assert_eq!(with("metrics", 9090), [""; 0]);
    }
}
