//! A namespace has a waypoint but is not in an ambient mesh.
//!
//! # What it reports
//!
//! `waypoint` is set for a namespace that is not in a mesh with `Mode::Ambient`.
//!
//! # Why it matters
//!
//! A waypoint processes requests that ztunnel sends to it. Sidecars process requests themselves and do not use a
//! waypoint.
//!
//! # Fix
//!
//! Remove the waypoint, or use a mesh with `Mode::Ambient`.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/>

#[cfg(test)]
mod tests {
    use crate::mesh::{Istio, IstioProps, Mode, Namespace, NamespaceProps, Waypoint};
    use crate::testing::{cluster, codes};

    fn with(mode: Mode) -> Vec<&'static str> {
        codes(|app| {
            let cluster = cluster(app);
            let istio = Istio::new(&cluster, "istio", &cluster, IstioProps { mode, ..Default::default() });
            let (mesh, waypoint) = (Some(istio.membership()), Some(Waypoint::default()));
            Namespace::new(&cluster, "shop", &cluster, NamespaceProps { mesh, waypoint, ..Default::default() });
        })
    }

    #[test]
    fn reports_a_waypoint_in_a_sidecar_mesh() {
        assert_eq!(with(Mode::Sidecar), ["MS0879"]);
    }

    #[test]
    fn accepts_a_waypoint_in_an_ambient_mesh() {
        assert_eq!(with(Mode::Ambient), [""; 0]);
    }
}
