//! A route of one workload has another workload as destination.
//!
//! Callers are let in by the workload that they call. Behind a route to another
//! workload they would be refused there, and the graph would not show the call.
//!
//! Lead the route to a version of the same workload; who calls whom is said by
//! `calls`, and hosts and paths are shared out by a gateway.
//!
//! Source: <https://istio.io/latest/docs/concepts/traffic-management/#destination-rules>

#[cfg(test)]
mod tests {
    use crate::mesh::{VersionProps, Workload};
    use crate::testing::{codes, mesh_workload};

    fn route(to_own: bool) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            let stock = Workload::new(orders.namespace(), "stock", "registry.example/stock:1.0.0", Default::default());
            let owner = if to_own { &orders } else { &stock };
            let v2 = owner.version("v2", "registry.example/next:2.0.0", VersionProps::default());
            orders.default_route().to(&v2, 100);
        })
    }

    #[test]
    fn a_version_of_another_workload_is_an_error() {
        assert_eq!(route(false), ["MS1033"]);
    }

    #[test]
    fn a_version_of_its_own_is_fine() {
        assert_eq!(route(true), [""; 0]);
    }
}
