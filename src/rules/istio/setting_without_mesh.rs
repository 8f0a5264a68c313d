//! A setting needs a proxy, but the namespace is not in a mesh.
//!
//! # What it reports
//!
//! A route, version, circuit breaker, JWT validation or telemetry setting is added to a workload whose namespace is not
//! in a mesh. The rule also reports such a setting for a bare workload, whatever its namespace.
//!
//! # Why it matters
//!
//! The proxies of a mesh apply these settings. Outside a mesh, their objects have no effect. A bare workload has only
//! the mesh objects that the program adds to it.
//!
//! # Fix
//!
//! Add the namespace to a mesh with `NamespaceProps { mesh: Some(istio.membership()), .. }`, or remove the setting. For
//! a bare workload, add the Istio object with `add`, or define the workload with `new`.
//!
//! Source: <https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/>

#[cfg(test)]
mod tests {
    use crate::mesh::traffic::CircuitBreaker;
    use crate::testing::{codes, mesh_workload, workload};

    #[test]
    fn reports_a_circuit_breaker_without_a_mesh() {
        let codes = codes(|app| {
            workload(app).circuit_breaker(CircuitBreaker::default());
        });
        assert!(codes.contains(&"MS1031"), "{codes:?}");
    }

    #[test]
    fn accepts_a_circuit_breaker_in_a_mesh() {
        let codes = codes(|app| {
            mesh_workload(app).circuit_breaker(CircuitBreaker::default());
        });
        assert_eq!(codes, [""; 0]);
    }
}
