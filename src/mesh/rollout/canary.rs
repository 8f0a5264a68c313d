//! A release that takes over share by share.

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::kube::argo::rollout as shape;
use crate::kube::istio::destination_rule;
use crate::mesh::Workload;
use crate::node::Kind;
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Percent};
use crate::val::{Bag, Data};

use super::{Analysis, HASH, YIELDS};

/// The pods of the old version, as a subset of the workload.
pub(super) const STABLE: &str = "stable";
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
/// # let shop = testing::mesh_workload(&app).namespace().clone();
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
    pub(super) fn strategy(&self, workload: &Workload) -> shape::StrategyCanary {
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
            let subsets = shape::IstioDestinationRule::new(CANARY, workload.name(), STABLE);
            let istio = shape::TrafficRoutingIstio::new().destination_rule(subsets);
            strategy = strategy.traffic_routing(shape::CanaryTrafficRouting::new().istio(istio));
        }
        if let Some(analysis) = &self.analysis {
            strategy = strategy.analysis(analysis.define_beside(workload).starting_step(1));
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
pub(super) fn define_routes(workload: &Workload) {
    let rule = workload.destination_rule();
    for subset in [CANARY, STABLE] {
        rule.add("spec.subsets", destination_rule::Subset::new(subset).labels([(workload.label(), workload.name())]));
    }
    rule.put("metadata.annotations", YIELDS, format!("spec.subsets[].labels.{HASH}"));
    let service = workload.share_between(STABLE, CANARY);
    add(workload, &service, workload.name().to_owned(), ROUTE);
}

/// The weights of a route of another `VirtualService`, such as that of a gateway, go with those of the workload.
pub(super) fn follow(workload: &Workload, service: &Scope, route: &str) {
    let (name, namespace) = service.read(|tree| {
        let name = match &tree.nodes[service.node()].kind {
            Kind::Object(object) => object.name.clone(),
            _ => String::new(),
        };
        let mut at = Some(service.node());
        let namespace = std::iter::from_fn(|| {
            let node = &tree.nodes[at?];
            at = node.parent;
            Some(node.namespace.clone())
        });
        (name, namespace.flatten().next().unwrap_or_default())
    });
    add(workload, service, format!("{name}.{namespace}"), route);
}

fn add(workload: &Workload, service: &Scope, name: String, route: &str) {
    let Some(rollout) = workload.scope().child("rollout") else { return };
    let routes = shape::IstioVirtualService::new(name).routes([route]);
    rollout.add("spec.strategy.canary.trafficRouting.istio.virtualServices", routes);
    service.change(|node| {
        let Some(body) = node.kind.body_mut() else { return };
        let path = format!("spec.http[name={route}].route[].weight");
        let place = body.place("metadata.annotations");
        if !matches!(place, Data::Map(_)) {
            *place = Data::Map(Bag::default());
        }
        let Data::Map(annotations) = place else { return };
        let known = annotations.get(YIELDS).map(Data::to_text).unwrap_or_default();
        let mut paths: BTreeSet<&str> = known.split(',').filter(|path| !path.is_empty()).collect();
        paths.insert(&path);
        annotations.set(YIELDS, paths.into_iter().collect::<Vec<_>>().join(","));
    });
}

#[cfg(test)]
mod tests {
    use super::{Canary, Step};
    use crate::App;
    use crate::mesh::{Gateway, GatewayProps, Release, Tls, Workload, WorkloadProps};
    use crate::testing::{Platform, codes, mesh_workload};
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
            let payments = mesh_workload(app);
            let istio = payments.namespace().mesh().expect("it is in a mesh").clone();
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
