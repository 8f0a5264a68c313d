//! A release with an increasing share of the requests.

use crate::units::{Duration, Percent};

use super::Analysis;

/// The subset of the old version's pods.
pub(super) const STABLE: &str = "stable";
/// The subset of the new version's pods.
pub(super) const CANARY: &str = "canary";
/// The annotation with a comma-separated list of fields that a controller changes in the cluster. Applying the object
/// does not overwrite these fields. `[name=x]` is the list item with that name. `[]` is every item, identified by its
/// name or otherwise by its position.
pub(super) const YIELDS: &str = "meshsynth/yields";
/// The label with which Argo Rollouts distinguishes the pods of the old and the new version.
pub(super) const HASH: &str = "rollouts-pod-template-hash";

/// A release that moves requests to the new version step by step.
///
/// # Diagnostics
///
/// - `MS0955`: its steps do not increase, so a step would reduce the share of the new version.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Duration, Percent};
/// # use meshsynth::mesh::{Canary, Release, Step};
/// # let app = App::new("shop");
/// # let shop = testing::mesh_workload(&app).namespace().clone();
/// mesh::Workload::new(&shop, "payments", "registry.example/payments:1.4.0", mesh::WorkloadProps {
///     release: Release::Canary(Canary {
///         steps: vec![Step::Weight(Percent(2)), Step::Wait(Duration::minutes(10)), Step::Weight(Percent(10)), Step::Approve],
///         ..Default::default()
///     }),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/istio/>
#[derive(Clone)]
pub struct Canary {
    /// The steps, after which the new version receives all requests. Default: 2 %, 10 %, 50 %, five minutes each.
    pub steps: Vec<Step>,
    /// The analysis that must succeed during the release. It starts at the second step. Default: none.
    pub analysis: Option<Analysis>,
    /// The distribution of requests. Default: by the mesh.
    pub routing: Routing,
}

/// The distribution of requests between the old and the new version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// Weights of an Istio route, which Argo Rollouts sets. They are exact and independent of the number of pods.
    #[default]
    Mesh,
    /// The number of pods of each version, without a mesh.
    Pods,
}

/// A step of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The new version receives this share of the requests.
    Weight(Percent),
    /// The release continues after this time.
    Wait(Duration),
    /// The release continues after a manual approval.
    Approve,
}

impl Default for Canary {
    fn default() -> Self {
        let steps =
            [2, 10, 50].into_iter().flat_map(|share| [Step::Weight(Percent(share)), Step::Wait(Duration::minutes(5))]);
        Self { steps: steps.collect(), analysis: None, routing: Routing::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Canary, Step};
    use crate::App;
    use crate::mesh::{Gateway, GatewayProps, Release, Tls, Workload, WorkloadProps};
    use crate::testing::{Platform, codes, mesh_workload, workload_and_mesh};
    use crate::units::Percent;

    fn orders(app: &App, canary: Canary) {
        let payments = mesh_workload(app);
        let props = WorkloadProps { release: Release::Canary(canary), ..Default::default() };
        Workload::new(payments.namespace(), "billing", "registry.example/billing:1.0.0", props);
    }

    #[test]
    fn routes_canary_by_weights_of_two_subsets() {
        let platform = Platform::synth("shop", |app| orders(app, Canary::default()));
        let rollout = platform.manifest("rollout-billing");
        for part in ["canarySubsetName: canary", "stableSubsetName: stable", "- default", "setWeight: 2"] {
            assert!(rollout.contains(part), "{part} in {rollout}");
        }
        let routes = platform.manifest("virtualservice-billing");
        for part in [
            "meshsynth/yields: spec.http[name=default].route[].weight",
            "name: default",
            "weight: 100",
            "subset: canary",
            "weight: 0",
        ] {
            assert!(routes.contains(part), "{part} in {routes}");
        }
        assert!(
            platform
                .manifest("destinationrule-billing")
                .contains("meshsynth/yields: spec.subsets[].labels.rollouts-pod-template-hash")
        );
    }

    #[test]
    fn adjusts_weights_of_gateway_route() {
        let platform = Platform::synth("shop", |app| {
            let (payments, istio) = workload_and_mesh(app);
            let entry = istio.add_gateway("ingress", GatewayProps::default());
            let entry = Gateway::new(&entry, "entry", Tls::Off);
            let props = WorkloadProps { release: Release::Canary(Canary::default()), ..Default::default() };
            let image = "registry.example/billing:1.0.0";
            let billing = Workload::new(payments.namespace(), "billing", image, props);
            entry.expose("shop.example.com", "/billing", &billing);
        });
        let rollout = platform.manifest("rollout-billing");
        assert!(rollout.contains(".istio-ingress") && rollout.matches("routes:").count() == 2, "{rollout}");
        let routes = platform.assembly.files.iter().find(|(_, text)| text.contains("- shop.example.com\n  http"));
        let (_, routes) = routes.expect("the routes of the host");
        assert!(routes.contains("meshsynth/yields: spec.http[name=") && routes.contains("subset: canary"), "{routes}");
    }

    #[test]
    fn rejects_canary_steps_with_decreasing_shares() {
        let steps = |shares: [u8; 2]| shares.map(|share| Step::Weight(Percent(share))).to_vec();
        let found = |shares| codes(|app| orders(app, Canary { steps: steps(shares), ..Default::default() }));
        assert_eq!(found([10, 10]), ["MS0955"]);
        assert_eq!(found([10, 20]), [""; 0]);
    }
}
