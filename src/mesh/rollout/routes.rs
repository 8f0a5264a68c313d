//! The routes with weights that Argo Rollouts sets during a canary.

use std::collections::BTreeSet;

use crate::kube::argo::rollout as shape;
use crate::kube::istio::destination_rule;
use crate::mesh::Workload;
use crate::node::Kind;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data};

use super::canary::{CANARY, HASH, STABLE, YIELDS};

/// The name of the weighted route.
const ROUTE: &str = "default";

/// Defines the weighted route between the two subsets, whose pods Argo Rollouts distinguishes by a hash label.
#[track_caller]
pub(super) fn define(workload: &Workload) {
    let rule = workload.destination_rule();
    for subset in [CANARY, STABLE] {
        rule.add("spec.subsets", destination_rule::Subset::new(subset).labels([(workload.label(), workload.name())]));
    }
    rule.put("metadata.annotations", YIELDS, format!("spec.subsets[].labels.{HASH}"));
    let service = workload.share_between(STABLE, CANARY);
    // Additional ports have separate routes with the same weights.
    let more = workload.more_request_ports().map(|it| it.route_name());
    let routes: Vec<String> = [ROUTE.to_owned()].into_iter().chain(more).collect();
    add(workload, &service, workload.name().to_owned(), &routes);
}

/// Makes Argo Rollouts also adjust the weights of a route in another `VirtualService`, such as the `VirtualService` of
/// a gateway.
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
    add(workload, service, format!("{name}.{namespace}"), &[route.to_owned()]);
}

fn add(workload: &Workload, service: &Scope, name: String, routes: &[String]) {
    let Some(rollout) = workload.scope().child("rollout") else { return };
    let weighed = shape::IstioVirtualService::new(name).routes(routes.to_vec());
    rollout.add("spec.strategy.canary.trafficRouting.istio.virtualServices", weighed);
    service.change(|node| {
        let Some(body) = node.kind.body_mut() else { return };
        let place = body.place("metadata.annotations");
        if !matches!(place, Data::Map(_)) {
            *place = Data::Map(Bag::default());
        }
        let Data::Map(annotations) = place else { return };
        let known = annotations.get(YIELDS).map(Data::to_text).unwrap_or_default();
        let mut paths: BTreeSet<&str> = known.split(',').filter(|path| !path.is_empty()).collect();
        let written: Vec<String> =
            routes.iter().map(|route| format!("spec.http[name={route}].route[].weight")).collect();
        paths.extend(written.iter().map(String::as_str));
        annotations.set(YIELDS, paths.into_iter().collect::<Vec<_>>().join(","));
    });
}
