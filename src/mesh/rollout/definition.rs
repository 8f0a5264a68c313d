//! The `Rollout` of a workload.

use crate::diag::Diagnostic;
use crate::kube::argo;
use crate::kube::argo::rollout as shape;
use crate::mesh::core::labels;
use crate::mesh::workload::objects;
use crate::mesh::{Scale, Workload};
use crate::tree::{Construct, Scope};

use super::canary::{CANARY, HASH, STABLE, YIELDS};
use super::{BlueGreen, Canary, Release, Routing, Step, routes};

impl Release {
    /// Defines the objects that release a workload.
    #[track_caller]
    pub(in crate::mesh) fn define(&self, workload: &Workload) {
        let strategy = match self {
            Release::Rolling => return,
            Release::BlueGreen(props) => shape::Strategy::new().blue_green(props.strategy(workload)),
            Release::Canary(props) => shape::Strategy::new().canary(props.strategy(workload)),
        };
        let name = workload.name();
        let reference =
            shape::WorkloadRef::new().api_version("apps/v1").kind("Deployment").name(name).scale_down("onsuccess");
        let mut spec = shape::Spec::new().workload_ref(reference).revision_history_limit(3).strategy(strategy);
        if let Scale::Fixed(pods) = workload.props().scale {
            spec = spec.replicas(pods);
        }
        let rollout = argo::Rollout::new(spec).define(workload.scope(), "rollout", name);
        labels::add(rollout.scope(), name);
        if let Release::Canary(Canary { routing: Routing::Mesh, .. }) = self {
            routes::define(workload);
        }
    }

    /// Makes Argo Rollouts also adjust the weights of another route, such as the route of a gateway.
    pub(in crate::mesh) fn follow(&self, workload: &Workload, service: &Scope, route: &str) {
        if self.stable_subset().is_some() {
            routes::follow(workload, service, route);
        }
    }
}

impl BlueGreen {
    #[track_caller]
    fn strategy(&self, workload: &Workload) -> shape::StrategyBlueGreen {
        let (scope, name) = (workload.scope(), workload.name());
        let preview = format!("{name}-preview");
        let waiting = objects::service_of(scope, "preview", &preview, (workload.label(), name), workload.props());
        labels::add(waiting.scope(), name);
        for service in [&waiting, workload.service()] {
            service.annotate(YIELDS, format!("spec.selector.{HASH}"));
        }
        let mut strategy = shape::StrategyBlueGreen::new(name)
            .preview_service(preview)
            .auto_promotion_enabled(self.auto_promotion)
            .scale_down_delay_seconds(self.scale_down_delay.as_seconds() as i64);
        if let Some(pods) = self.preview_pods {
            strategy = strategy.preview_replica_count(pods);
        }
        if let Some(analysis) = &self.before {
            strategy = strategy.pre_promotion_analysis(analysis.define(workload));
        }
        if let Some(analysis) = &self.after {
            strategy = strategy.post_promotion_analysis(analysis.define(workload));
        }
        strategy
    }
}

impl Canary {
    #[track_caller]
    fn strategy(&self, workload: &Workload) -> shape::StrategyCanary {
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
            let message = format!(
                "the canary steps of `{}` must increase, but go from {} % to {} %",
                workload.name(),
                pair[0],
                pair[1]
            );
            let help = "use a greater weight in each step than in the previous one";
            workload.scope().report(Diagnostic::error("MS0955", message).help(help));
        }
    }
}
