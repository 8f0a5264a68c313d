//! How a new version takes the place of the old one: pod by pod, all at once, or share by share.

mod analysis;
mod canary;
mod definition;
mod routes;
mod templates;

use crate::units::Duration;

use super::core::scaling::Target;

pub use analysis::Analysis;
pub use canary::{Canary, Routing, Step};

/// How a new version takes the place of the old one.
///
/// But for `Rolling` it is a `Rollout` of Argo Rollouts, which runs the pods that
/// the workload's `Deployment` describes. The autoscaler scales the `Rollout`;
/// service, budget, routes and analysis follow from this one choice. A
/// `Deployment` that had pods before keeps them until those of the `Rollout` are healthy.
///
/// Argo Rollouts writes into objects that are ours: the selector of services,
/// the subsets of the `DestinationRule`, the weights of the `VirtualService`.
/// Such an object says so in its annotation `meshsynth/yields`.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, mesh, testing};
/// # use meshsynth::mesh::{Analysis, BlueGreen, Release};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let watch = shop.scope().stack();
/// let prometheus = mesh::addons::Prometheus::new(&watch, "prometheus", shop.cluster(), Default::default());
/// let success = Analysis::success_rate(&prometheus, 95.0);
/// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
///     release: Release::BlueGreen(BlueGreen {
///         before: Some(success.clone()),
///         after: Some(success),
///         ..Default::default()
///     }),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://argo-rollouts.readthedocs.io/en/stable/features/specification/>
#[derive(Clone, Default)]
#[non_exhaustive]
// There is one for each workload, and a box would stand in every program.
#[allow(clippy::large_enum_variant)]
pub enum Release {
    /// Pod by pod, by the `Deployment` itself.
    #[default]
    Rolling,
    /// Beside the old version, reached by a service of its own, until everything changes over at once.
    BlueGreen(BlueGreen),
    /// Beside the old version, with a growing share of the requests.
    Canary(Canary),
}

/// A release beside the old version, which changes over at once.
///
/// The service of the workload leads to the version that is active; the service
/// `<workload>-preview` to the one that waits.
#[derive(Clone)]
pub struct BlueGreen {
    /// Whether it changes over without being told to. Default: no.
    pub auto_promotion: bool,
    /// How long the old version stays after the change, for clients that know its pods. Default: 30 seconds.
    pub scale_down_delay: Duration,
    /// How many pods the waiting version has. Default: as many as the active one.
    pub preview_pods: Option<u32>,
    /// What must hold of the waiting version before the change. Default: nothing.
    pub before: Option<Analysis>,
    /// What must hold after the change; where it does not, the old version is active again. Default: nothing.
    pub after: Option<Analysis>,
}

impl Default for BlueGreen {
    fn default() -> Self {
        Self {
            auto_promotion: false,
            scale_down_delay: Duration::seconds(30),
            preview_pods: None,
            before: None,
            after: None,
        }
    }
}

impl Release {
    /// What a scaler of the workload scales.
    pub(in crate::mesh) fn target(&self) -> Target {
        match self {
            Release::Rolling => Target { api_version: "apps/v1", kind: "Deployment" },
            _ => Target { api_version: "argoproj.io/v1alpha1", kind: "Rollout" },
        }
    }

    /// The label by which pods of one version are told from those of another.
    pub(in crate::mesh) fn hash_label(&self) -> &'static str {
        match self {
            Release::Rolling => "pod-template-hash",
            _ => canary::HASH,
        }
    }

    /// The subset of the old version, where requests are shared by the mesh.
    pub(in crate::mesh) fn stable_subset(&self) -> Option<&'static str> {
        match self {
            Release::Canary(Canary { routing: Routing::Mesh, .. }) => Some(canary::STABLE),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Analysis, BlueGreen, Release};
    use crate::mesh::addons::Prometheus;
    use crate::mesh::{Autoscale, Scale, Workload, WorkloadProps};
    use crate::testing::{Platform, namespace, stack};

    fn platform(scale: Scale) -> Platform {
        Platform::synth("shop", |app| {
            let shop = namespace(app);
            crate::ssm::Parameter::new(&stack(app, "config"), "parameter", "a", "b", Default::default());
            let prometheus = Prometheus::new(shop.cluster(), "prometheus", shop.cluster(), Default::default());
            let success = Analysis::success_rate(&prometheus, 95.0);
            let (before, after) = (Some(success.clone()), Some(success));
            let release = Release::BlueGreen(BlueGreen { before, after, ..Default::default() });
            let props = WorkloadProps { release, scale, ..Default::default() };
            Workload::new(&shop, "orders", "registry.example/orders:1.0.0", props);
        })
    }

    #[test]
    fn the_waiting_version_is_reached_beside_the_active_one_and_waits_for_a_word() {
        let platform = platform(Scale::default());
        let rollout = platform.manifest("rollout-orders");
        for part in [
            "activeService: orders",
            "previewService: orders-preview",
            "autoPromotionEnabled: false",
            "scaleDownDelaySeconds: 30",
            "templateName: orders-success-rate",
            "podTemplateHashValue: Latest",
            "name: orders\n    scaleDown: onsuccess",
        ] {
            assert!(rollout.contains(part), "{part} in {rollout}");
        }
        for service in ["service-orders", "service-orders-preview"] {
            assert!(platform.manifest(service).contains("meshsynth/yields: spec.selector.rollouts-pod-template-hash"));
        }
    }

    #[test]
    fn the_scaler_scales_the_rollout_and_nobody_writes_a_number() {
        let platform = platform(Scale::Auto(Autoscale::between(3, 20)));
        let scaler = platform.manifest("horizontalpodautoscaler-orders");
        assert!(scaler.contains("kind: Rollout") && scaler.contains("apiVersion: argoproj.io/v1alpha1"), "{scaler}");
        for object in ["rollout-orders", "deployment-orders"] {
            assert!(!platform.manifest(object).contains("replicas:"), "{object}");
        }
    }

    #[test]
    fn a_fixed_number_of_pods_is_that_of_the_rollout() {
        let platform = platform(Scale::Fixed(4));
        assert!(platform.manifest("rollout-orders").contains("replicas: 4"));
        assert!(!platform.manifest("deployment-orders").contains("replicas:"));
    }
}
