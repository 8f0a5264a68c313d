//! The properties of a namespace's waypoint.

use super::Resources;
use crate::units::{Mib, Millicores};

/// A waypoint for all requests to the services of a namespace, in an ambient mesh.
///
/// By default, a workload gets a waypoint only if it uses a feature that ztunnel does not support, such as routes,
/// allowed methods or token checks.
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
    /// The minimum and maximum number of pods, scaled by CPU. Default: 2 and 5.
    pub replicas: (u32, u32),
    /// The resources of each pod. Default: 100 millicores, 256 MiB.
    pub resources: Resources,
}

impl Default for Waypoint {
    fn default() -> Self {
        let resources = Resources { cpu: Millicores(100), memory: Mib(256), ..Resources::default() };
        Self { replicas: (2, 5), resources }
    }
}
