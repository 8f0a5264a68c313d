//! A wish that a proxy fulfils, for a namespace without one.
//!
//! Routes, versions, circuit breakers, tokens and telemetry are fulfilled by
//! the proxies of a mesh. In a namespace that takes no part the objects would
//! be written and nobody would read them.
//!
//! Give the namespace a mesh with `NamespaceProps { mesh: Some(istio), .. }`, or
//! leave the wish out.
//!
//! Source: <https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/>

#[cfg(test)]
mod tests {
    use crate::mesh::traffic::CircuitBreaker;
    use crate::testing::{codes, mesh_workload, workload};

    #[test]
    fn a_circuit_breaker_without_a_mesh_is_an_error() {
        let codes = codes(|app| {
            workload(app).circuit_breaker(CircuitBreaker::default());
        });
        assert!(codes.contains(&"MS1031"), "{codes:?}");
    }

    #[test]
    fn a_circuit_breaker_in_a_mesh_is_fine() {
        let codes = codes(|app| {
            mesh_workload(app).circuit_breaker(CircuitBreaker::default());
        });
        assert_eq!(codes, [""; 0]);
    }
}
