//! A namespace has a waypoint, and is not in an ambient mesh.
//!
//! A waypoint looks at requests that the tunnels of nodes lead to it. Sidecars look at
//! requests by themselves and do not go through one.
//!
//! Remove the waypoint, or use a mesh of `Mode::Ambient`.
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
    fn a_waypoint_beside_sidecars_is_an_error() {
        assert_eq!(with(Mode::Sidecar), ["MS0879"]);
    }

    #[test]
    fn a_waypoint_in_an_ambient_mesh_is_fine() {
        assert_eq!(with(Mode::Ambient), [""; 0]);
    }
}
