//! A workload of an ambient mesh has a rate limit.
//!
//! # What it reports
//!
//! A rate limit is added to a workload whose mesh has `Mode::Ambient`.
//!
//! # Why it matters
//!
//! Rate limits are filters of a proxy that processes requests. ztunnel processes only connections, and Istio does not
//! apply an `EnvoyFilter` to a waypoint.
//!
//! # Fix
//!
//! Limit the requests at the `Gateway` in front of the workload, or use a mesh with sidecars.
//!
//! Source: <https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/>

#[cfg(test)]
mod tests {
    use crate::mesh::traffic::{Per, RateLimit};
    use crate::mesh::{Istio, IstioProps, Mode, Namespace, NamespaceProps, Workload};
    use crate::testing::{cluster, codes};

    fn limited(mode: Mode) -> Vec<&'static str> {
        codes(|app| {
            let cluster = cluster(app);
            let istio = Istio::new(&cluster, "istio", &cluster, IstioProps { mode, ..Default::default() });
            let props = NamespaceProps { mesh: Some(istio.membership()), ..Default::default() };
            let shop = Namespace::new(&cluster, "shop", &cluster, props);
            let orders = Workload::new(&shop, "orders", "registry.example/orders:1.0.0", Default::default());
            orders.limit_rate("burst", RateLimit::of(10, Per::Second));
        })
    }

    #[test]
    fn reports_a_limit_in_an_ambient_mesh() {
        assert!(limited(Mode::Ambient).contains(&"MS0875"));
    }

    #[test]
    fn accepts_a_limit_in_a_sidecar_mesh() {
        assert_eq!(limited(Mode::Sidecar), [""; 0]);
    }
}
