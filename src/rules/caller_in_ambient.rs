//! A wish tells callers apart by their labels, and the mesh is ambient.
//!
//! A sidecar knows the labels of the pod that it belongs to, so a route can hold
//! for one caller. In ambient mode the routes of a workload are at its waypoint,
//! which knows the identity of a caller and none of its labels: such a route
//! would never hold.
//!
//! Say it for all callers with `default_route()`, tell them apart by a header, or
//! run the mesh with sidecars. Who may call at all is not concerned.
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
            let props = NamespaceProps { mesh: Some(istio), ..Default::default() };
            let shop = Namespace::new(&stack, "shop", &cluster, props);
            let workload = |name| Workload::new(&shop, name, "registry.example/a:1.0.0", Default::default());
            let timeout = Some(Duration::seconds(2));
            workload("orders").calls_with(&workload("stock"), CallProps { timeout, ..Default::default() });
        })
    }

    #[test]
    fn a_time_out_of_one_caller_in_ambient_mode_is_an_error() {
        assert_eq!(call(Mode::Ambient), ["MS1036"]);
    }

    #[test]
    fn a_time_out_of_one_caller_with_sidecars_is_fine() {
        assert_eq!(call(Mode::Sidecar), [""; 0]);
    }
}
