//! A route of one workload has another workload as its destination.
//!
//! # What it reports
//!
//! The argument of `to` of a route is another workload, or a version of another workload.
//!
//! # Why it matters
//!
//! A workload authorizes its own callers. A route to another workload would be denied there, and the call would not
//! appear in the graph.
//!
//! # Fix
//!
//! Route to a version of the same workload. Declare calls with `calls`, and use a gateway to split hosts and paths
//! between workloads.
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
    fn reports_a_route_to_a_version_of_another_workload() {
        assert_eq!(route(false), ["MS1033"]);
    }

    #[test]
    fn accepts_its_own_version() {
        assert_eq!(route(true), [""; 0]);
    }
}
