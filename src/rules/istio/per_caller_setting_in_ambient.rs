//! A route, timeout or retry policy applies to one caller, but the mesh is ambient.
//!
//! # What it reports
//!
//! A call with its own timeout, retries or route settings has a callee in a mesh with `Mode::Ambient`.
//!
//! # Why it matters
//!
//! A sidecar has the labels of its own pod, so its routes can apply to one caller. In ambient mode, a waypoint applies
//! the routes of a workload. It can check the identity of a caller but not its labels, so such a route would never
//! match.
//!
//! # Fix
//!
//! Define the setting for all callers with `default_route()`, match a request header instead, or use a mesh with
//! sidecars. Authorization for each caller works in both modes.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/l7-features/>

#[cfg(test)]
mod tests {
    use crate::mesh::{CallProps, Istio, IstioProps, Mode, Namespace, NamespaceProps, Workload};
    use crate::testing::{cluster, codes};
    use crate::{Construct, Duration};

    fn call(mode: Mode) -> Vec<&'static str> {
        codes(|app| {
            let cluster = cluster(app);
            let stack = cluster.scope().stack();
            let istio = Istio::new(&stack, "istio", &cluster, IstioProps { mode, ..Default::default() });
            let props = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
            let shop = Namespace::new(&stack, "shop", &cluster, props);
            let workload = |name| Workload::new(&shop, name, "registry.example/a:1.0.0", Default::default());
            let timeout = Some(Duration::seconds(2));
            workload("orders").calls_with(&workload("stock"), CallProps { timeout, ..Default::default() });
        })
    }

    #[test]
    fn reports_a_timeout_for_one_caller_in_an_ambient_mesh() {
        assert_eq!(call(Mode::Ambient), ["MS1036"]);
    }

    #[test]
    fn accepts_a_timeout_for_one_caller_in_a_sidecar_mesh() {
        assert_eq!(call(Mode::Sidecar), [""; 0]);
    }
}
