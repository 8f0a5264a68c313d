//! What the waypoint of a namespace is made of.

use super::Resources;
use crate::units::{Mib, Millicores};

/// A waypoint that all requests to the services of a namespace go through, in an ambient mesh.
///
/// Without one, a namespace gets a waypoint for those of its workloads of which something is said
/// that ztunnel cannot see: a route, a method, a token.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, mesh, testing};
/// # let app = App::new("shop");
/// # let cluster = testing::cluster(&app);
/// # let istio = mesh::Istio::new(&cluster, "istio", &cluster, mesh::IstioProps { mode: mesh::Mode::Ambient, ..Default::default() });
/// let shop = mesh::Namespace::new(&cluster, "shop", &cluster, mesh::NamespaceProps {
///     mesh: Some(istio.membership()),
///     waypoint: Some(mesh::Waypoint { replicas: (3, 10), ..Default::default() }),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://istio.io/latest/docs/ambient/usage/waypoint/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waypoint {
    /// The fewest and the most pods, by the processor they use. Default: 2 and 5.
    pub replicas: (u32, u32),
    /// What each pod gets. Default: 100 millicores, 256 MiB.
    pub resources: Resources,
}

impl Default for Waypoint {
    fn default() -> Self {
        let resources = Resources { cpu: Millicores(100), memory: Mib(256), ..Resources::default() };
        Self { replicas: (2, 5), resources }
    }
}
