//! A route uses a feature that the Gateway API does not have.
//!
//! # What it reports
//!
//! A workload that a Gateway API gateway exposes has a route with fault injection, retries, a match on an absent
//! header, or another feature that the standard channel lacks.
//!
//! # Why it matters
//!
//! The standard channel of the Gateway API supports matches, weights and timeouts. The generated `HTTPRoute` would omit
//! the other features.
//!
//! # Fix
//!
//! Remove the feature from the route, or expose the workload with `mesh::Gateway`, which uses the API of Istio.
//!
//! Source: <https://gateway-api.sigs.k8s.io/reference/spec/#httproute>

#[cfg(test)]
mod tests {
    use crate::elbv2::Scheme;
    use crate::mesh::traffic::{GatewayApi, Retries};
    use crate::testing::{codes, mesh_workload};

    fn exposed(retries: bool) -> Vec<&'static str> {
        codes(|app| {
            let orders = mesh_workload(app);
            if retries {
                orders.default_route().retries(Retries::default());
            }
            GatewayApi::new(orders.namespace(), "entry", Scheme::Internal, None).expose("a.example", "/", &orders);
        })
    }

    #[test]
    fn reports_retries_behind_a_gateway_of_the_gateway_api() {
        assert_eq!(exposed(true), ["MS1040"]);
    }

    #[test]
    fn accepts_a_path() {
        assert_eq!(exposed(false), [""; 0]);
    }
}
