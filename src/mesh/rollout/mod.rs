//! The strategies that replace an old version: one pod at a time, all pods at once, or an increasing share of requests.

mod analysis;
mod canary;
mod definition;
mod routes;
mod templates;

use crate::units::Duration;

use super::core::scaling::Target;

pub use analysis::Analysis;
pub use canary::{Canary, Routing, Step};

/// The strategy that replaces an old version with a new one.
///
/// All strategies except `Rolling` define a `Rollout` of Argo Rollouts. It runs the pods instead of the workload's
/// `Deployment`, and the autoscaler scales the `Rollout`. The library derives the services, the disruption budget, the
/// routes and the analysis from the strategy. An existing `Deployment` keeps its pods until the pods of the `Rollout`
/// are healthy.
///
/// Argo Rollouts writes to objects of the program: the selector of services, the subsets of the `DestinationRule`, the
/// weights of the `VirtualService`. The annotation `meshsynth/yields` of such an object lists these fields.
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
// The variants differ in size. A workload has only one such value, and boxing the large variant would complicate every
// program.
#[allow(clippy::large_enum_variant)]
pub enum Release {
    /// The `Deployment` replaces pods one after another.
    #[default]
    Rolling,
    /// Both versions run, and a preview service forwards to the new version. All requests then move to the new version
    /// at once.
    BlueGreen(BlueGreen),
    /// Both versions run, and the new one receives an increasing share of the requests.
    Canary(Canary),
}

/// A release that runs both versions and moves all requests at once.
///
/// The service of the workload forwards to the active version. The service `<workload>-preview` forwards to the waiting
/// version.
#[derive(Clone)]
pub struct BlueGreen {
    /// Whether the new version is promoted automatically. Default: no.
    pub auto_promotion: bool,
    /// How long the old version keeps running after the promotion, for clients that still use its pod addresses.
    /// Default: 30 seconds.
    pub scale_down_delay: Duration,
    /// The number of pods of the waiting version. Default: the number of pods of the active version.
    pub preview_pods: Option<u32>,
    /// The analysis that must succeed before the promotion. Default: none.
    pub before: Option<Analysis>,
    /// The analysis after the promotion. If it fails, the old version becomes active again. Default: none.
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
    /// Returns the scaling target of the workload.
    pub(in crate::mesh) fn target(&self) -> Target {
        match self {
            Release::Rolling => Target { api_version: "apps/v1", kind: "Deployment" },
            _ => Target { api_version: "argoproj.io/v1alpha1", kind: "Rollout" },
        }
    }

    /// Returns the label that distinguishes the pods of versions.
    pub(in crate::mesh) fn hash_label(&self) -> &'static str {
        match self {
            Release::Rolling => "pod-template-hash",
            _ => canary::HASH,
        }
    }

    /// Returns the subset of the old version, if the mesh distributes the requests.
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
    fn previews_waiting_version_until_manual_promotion() {
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
    fn scales_rollout_without_fixed_replicas() {
        let platform = platform(Scale::Auto(Autoscale::between(3, 20)));
        let scaler = platform.manifest("horizontalpodautoscaler-orders");
        assert!(scaler.contains("kind: Rollout") && scaler.contains("apiVersion: argoproj.io/v1alpha1"), "{scaler}");
        for object in ["rollout-orders", "deployment-orders"] {
            assert!(!platform.manifest(object).contains("replicas:"), "{object}");
        }
    }

    #[test]
    fn sets_fixed_replicas_on_rollout() {
        let platform = platform(Scale::Fixed(4));
        assert!(platform.manifest("rollout-orders").contains("replicas: 4"));
        assert!(!platform.manifest("deployment-orders").contains("replicas:"));
    }
}
