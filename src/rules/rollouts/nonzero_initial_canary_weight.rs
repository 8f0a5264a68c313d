//! A route whose weights a `Rollout` controls starts with a weight for the canary.
//!
//! # What it reports
//!
//! The `VirtualService` of a rollout gives the canary service or subset a weight other than 0. The finding is a
//! warning.
//!
//! # Why it matters
//!
//! The controller of Argo Rollouts changes the weights during a release. Applying the manifest again resets them, and
//! an applier that owns the list conflicts with the controller in the middle of a canary. If the manifest sends all
//! requests to the stable version, a reset between releases is harmless.
//!
//! # Fix
//!
//! Write 100 for the stable version and 0 for the canary. Exclude `spec.http` from the fields that a GitOps tool
//! synchronizes.
//!
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/istio/#integrating-with-gitops>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{ARGO, Item, Mesh, NETWORKING, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for rollout in mesh.all(ARGO, "Rollout") {
        let routing = "spec.strategy.canary.trafficRouting.istio";
        let at = |path: &str| rollout.object.body.at(&format!("{routing}.{path}"));
        let several = at("virtualServices").map(Data::items).unwrap_or_default();
        for named in at("virtualService").into_iter().chain(several) {
            let Some(name) = named.at("name").and_then(Data::as_str) else { continue };
            let (name, namespace) = name.split_once('.').unwrap_or((name, rollout.place.1));
            let Some(service) = mesh.find(NETWORKING, "VirtualService", (rollout.place.0, namespace), name) else { continue };
            judge(mesh, rollout, &service, named, out);
        }
    }
}

fn judge(mesh: &Mesh<'_>, rollout: &Item<'_>, service: &Item<'_>, named: &Data, out: &mut Vec<Diagnostic>) {
    let wanted: Vec<&str> = named.at("routes").map(Data::items).unwrap_or_default().iter().filter_map(Data::as_str).collect();
    let said = |path: &str| rollout.object.body.at(&format!("spec.strategy.canary.{path}")).and_then(Data::as_str);
    let subset = said("trafficRouting.istio.destinationRule.canarySubsetName");
    for (path, route) in items(service.object.body.at("spec.http"), "spec.http") {
        let is_moved = wanted.is_empty() || route.at("name").and_then(Data::as_str).is_some_and(|name| wanted.contains(&name));
        for (path, to) in items(route.at("route"), &format!("{path}.route")).filter(|_| is_moved) {
            let destination = |key: &str| to.at("destination").and_then(|it| it.at(key)).and_then(Data::as_str);
            let is_canary = match subset {
                Some(subset) => destination("subset") == Some(subset),
                None => destination("host").and_then(|host| host.split('.').next()) == said("canaryService") && said("canaryService").is_some(),
            };
            let weight = to.at("weight").and_then(Data::as_int).unwrap_or(0);
            if is_canary && weight > 0 {
                let message = format!("{} sets weight {weight} for the canary, but {} controls the weights", called(service.object), called(rollout.object));
                out.push(
                    mesh.model
                        .warning(service.id, "MS0909", message)
                        .field(format!("{path}.weight"))
                        .note_at("the rollout is defined here", mesh.model.node(rollout.id).at)
                        .help("set the weight of the stable version to 100 and of the canary to 0"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn text(canary: u8) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders.example.com], gateways: [public/public], http: [{{ name: primary, route: [\
             {{ destination: {{ host: stable }}, weight: {} }}, {{ destination: {{ host: fresh }}, weight: {canary} }}] }}] }}\n---\n\
             apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{ name: orders }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, workloadRef: {{ apiVersion: apps/v1, kind: Deployment, name: orders }}, \
             strategy: {{ canary: {{ stableService: stable, canaryService: fresh, trafficRouting: {{ istio: {{ virtualService: {{ name: orders }} }} }} }} }} }}\n",
            100 - canary
        )
    }

    #[test]
    fn warns_about_an_initial_canary_weight_above_zero() {
        assert_eq!(open(&text(10)), ["MS0909"]);
        assert_eq!(open(&text(0)), [""; 0]);
    }
}
