//! A route uses a feature that the Gateway API does not have.
//!
//! The standard channel of the Gateway API has matches, weights and timeouts, but
//! no fault injection, no retries and no match on an absent header. The
//! `HTTPRoute` would be written without them.
//!
//! Remove the feature from the route, or expose the workload with `mesh::Gateway`,
//! which uses Istio's own API.
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
    fn retries_behind_a_gateway_of_the_gateway_api_are_an_error() {
        assert_eq!(exposed(true), ["MS1040"]);
    }

    #[test]
    fn a_path_alone_is_fine() {
        assert_eq!(exposed(false), [""; 0]);
    }
}
