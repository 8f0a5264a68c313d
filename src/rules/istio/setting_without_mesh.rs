//! A setting needs a proxy, and the namespace is not in a mesh.
//!
//! Routes, versions, circuit breakers, JWT validation and telemetry are applied by
//! the proxies of a mesh. In a namespace that is not in a mesh, their objects
//! would be written and have no effect. A bare workload has the objects of the mesh that
//! are added to it, whatever its namespace is in.
//!
//! Put the namespace into a mesh with `NamespaceProps { mesh: Some(istio.membership()), .. }`, or
//! remove the setting. Of a bare workload, add the object of Istio with `add`, or define it with
//! `new`.
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
