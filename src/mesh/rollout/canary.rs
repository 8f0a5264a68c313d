//! A release that takes over share by share.

use crate::diag::Diagnostic;
use crate::kube::argo::rollout as shape;
use crate::kube::istio;
use crate::kube::istio::{destination_rule, virtual_service};
use crate::mesh::{NAME, Workload};
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Percent};

use super::{Analysis, YIELDS};

/// The pods of the old version, as a subset of the workload.
const STABLE: &str = "stable";
/// The pods of the new one.
const CANARY: &str = "canary";
/// The route that the weights belong to.
const ROUTE: &str = "default";

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
/// # let shop = testing::namespace(&app);
/// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
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

impl Canary {
    #[track_caller]
    pub(super) fn strategy(&self, workload: &Workload, objects: &mut Vec<Scope>) -> shape::StrategyCanary {
        self.check(workload);
        let steps = self.steps.iter().map(|step| match step {
            Step::Weight(share) => shape::CanaryStep::new().set_weight(share.0),
            Step::Wait(time) => {
                let seconds = time.as_seconds() as i64;
                shape::CanaryStep::new().pause(shape::StepPause::new().duration(seconds))
            }
            Step::Approve => shape::CanaryStep::new().pause(shape::StepPause::new()),
        });
        let mut strategy =
            shape::StrategyCanary::new().max_surge("25%").max_unavailable(0).steps(steps.collect::<Vec<_>>());
        if self.routing == Routing::Mesh {
            let name = workload.name();
            routes(workload, objects);
            let istio = shape::TrafficRoutingIstio::new()
                .virtual_service(shape::IstioVirtualService::new(name).routes([ROUTE]))
                .destination_rule(shape::IstioDestinationRule::new(CANARY, name, STABLE));
            strategy = strategy.traffic_routing(shape::CanaryTrafficRouting::new().istio(istio));
        }
        if let Some(analysis) = &self.analysis {
            strategy = strategy.analysis(analysis.define_beside(workload, objects).starting_step(1));
        }
        strategy
    }

    fn check(&self, workload: &Workload) {
        let shares = self.steps.iter().filter_map(|step| match step {
            Step::Weight(share) => Some(share.0),
            Step::Wait(_) | Step::Approve => None,
        });
        let shares: Vec<_> = shares.collect();
        if let Some(pair) = shares.windows(2).find(|pair| pair[0] >= pair[1]) {
            let message = format!("the canary of `{}` goes from {} % to {} %", workload.name(), pair[0], pair[1]);
            let help = "let each share be greater than the one before";
            workload.scope().report(Diagnostic::error("MS0955", message).help(help));
        }
    }
}

/// The route by weight between the two subsets, which Argo Rollouts tells apart by the hash of their pods.
#[track_caller]
fn routes(workload: &Workload, objects: &mut Vec<Scope>) {
    let (scope, name, host) = (workload.scope(), workload.name(), workload.service_host());
    let rule = scope.singleton("destination rule", || {
        let spec = destination_rule::Spec::new(host.clone());
        istio::DestinationRule::new().spec(spec).define(scope, "destination", name).scope().clone()
    });
    for subset in [CANARY, STABLE] {
        rule.add("spec.subsets", destination_rule::Subset::new(subset).labels([(NAME, name)]));
    }
    rule.put("metadata.annotations", YIELDS, "spec.subsets");
    let service = scope.singleton("virtual service", || {
        let to = |subset: &str, weight: i64| {
            let port = virtual_service::DestinationPort::new().number(i64::from(workload.port()));
            let destination = virtual_service::Destination::new(host.clone()).port(port).subset(subset);
            virtual_service::HttpRouteDestination::new(destination).weight(weight)
        };
        let route = virtual_service::HttpRoute::new().name(ROUTE).route([to(STABLE, 100), to(CANARY, 0)]);
        let spec = virtual_service::Spec::new().hosts([host.clone()]).gateways(["mesh"]).http([route]);
        istio::VirtualService::new().spec(spec).define(scope, "routes", name).scope().clone()
    });
    service.put("metadata.annotations", YIELDS, "spec.http");
    objects.extend([rule, service]);
}

#[cfg(test)]
mod tests {
    use super::{Canary, Step};
    use crate::mesh::{Release, Workload, WorkloadProps};
    use crate::testing::{Platform, codes, namespace, stack};
    use crate::units::Percent;
    use crate::{App, ssm};

    fn orders(app: &App, canary: Canary) {
        let shop = namespace(app);
        ssm::Parameter::new(&stack(app, "config"), "parameter", "a", "b", Default::default());
        let props = WorkloadProps { release: Release::Canary(canary), ..Default::default() };
        Workload::new(&shop, "orders", "registry.example/orders:1.0.0", props);
    }

    #[test]
    fn the_mesh_shares_requests_between_two_subsets_by_a_named_route() {
        let platform = Platform::synth("shop", |app| orders(app, Canary::default()));
        let rollout = platform.manifest("rollout-orders");
        for part in ["canarySubsetName: canary", "stableSubsetName: stable", "- default", "setWeight: 2"] {
            assert!(rollout.contains(part), "{part} in {rollout}");
        }
        let routes = platform.manifest("virtualservice-orders");
        for part in ["meshsynth/yields: spec.http", "name: default", "weight: 100", "subset: canary", "weight: 0"] {
            assert!(routes.contains(part), "{part} in {routes}");
        }
        assert!(platform.manifest("destinationrule-orders").contains("meshsynth/yields: spec.subsets"));
    }

    #[test]
    fn a_share_that_does_not_grow_is_an_error() {
        let steps = |shares: [u8; 2]| shares.map(|share| Step::Weight(Percent(share))).to_vec();
        let found = |shares| codes(|app| orders(app, Canary { steps: steps(shares), ..Default::default() }));
        assert_eq!(found([10, 10]), ["MS0955"]);
        assert_eq!(found([10, 20]), [""; 0]);
    }
}
