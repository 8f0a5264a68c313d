//! A release that takes over share by share.

use crate::units::{Duration, Percent};

use super::Analysis;

/// The pods of the old version, as a subset of the workload.
pub(super) const STABLE: &str = "stable";
/// The pods of the new one.
pub(super) const CANARY: &str = "canary";
/// The annotation that names fields, with commas between them, which a controller writes once the object
/// is there. Whoever applies the object again applies them as they are in the cluster. `[name=x]` is the item of
/// a list with that name, `[]` every item, told apart by its name or, without one, by its place.
pub(super) const YIELDS: &str = "meshsynth/yields";
/// The label by which Argo Rollouts tells the pods of one version from those of another.
pub(super) const HASH: &str = "rollouts-pod-template-hash";

/// A release that takes over share by share.
///
/// # Diagnostics
///
/// - `MS0955`: its steps do not grow, so that a step would take requests away from the new version.
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
    /// What is done one after the other; then the new version takes all. Default: 2 %, 10 %, 50 %, five minutes each.
    pub steps: Vec<Step>,
    /// What must hold while it goes on, from the second step on. Default: nothing.
    pub analysis: Option<Analysis>,
    /// How requests are shared. Default: by the mesh.
    pub routing: Routing,
}

/// How requests are shared between the old version and the new one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routing {
    /// By weights of a route of Istio, which Argo Rollouts writes: exact, and whatever the number of pods.
    #[default]
    Mesh,
    /// By the number of pods of each, without a mesh.
    Pods,
}

/// A step of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The new version gets this share of the requests.
    Weight(Percent),
    /// It goes on after this time.
    Wait(Duration),
    /// It goes on when somebody says so.
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
    fn the_mesh_shares_requests_between_two_subsets_by_a_named_route() {
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
    fn the_weights_at_a_gateway_follow() {
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
    fn a_share_that_does_not_grow_is_an_error() {
        let steps = |shares: [u8; 2]| shares.map(|share| Step::Weight(Percent(share))).to_vec();
        let found = |shares| codes(|app| orders(app, Canary { steps: steps(shares), ..Default::default() }));
        assert_eq!(found([10, 10]), ["MS0955"]);
        assert_eq!(found([10, 20]), [""; 0]);
    }
}
