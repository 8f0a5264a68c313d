//! A `Rollout` refers to a service, a route or an analysis that is not defined.
//!
//! # What it reports
//!
//! The rule checks:
//!
//! - services of the blue-green and canary strategies, and that their selector matches the labels of the rollout's pods
//! - analysis templates of steps, experiments and strategies
//! - the `VirtualService` and `DestinationRule` of Istio traffic routing
//! - named routes of the `VirtualService`: each needs destinations for the stable and the canary service (or subset)
//!
//! If a `VirtualService` has several HTTP routes, the rollout must list the names of the routes that it controls.
//! References to objects that may exist outside the input are not reported.
//!
//! # Why it matters
//!
//! Argo Rollouts rejects the rollout (`InvalidSpec`), and the release stops.
//!
//! # Fix
//!
//! Define the missing object, or correct the name. Name the routes if there are several.
//!
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/istio/>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{ARGO, CORE, Item, Mesh, NETWORKING, Presence, items, named};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for rollout in mesh.all(ARGO, "Rollout") {
        for path in [
            "blueGreen.activeService",
            "blueGreen.previewService",
            "canary.stableService",
            "canary.canaryService",
        ] {
            service(mesh, rollout, &format!("spec.strategy.{path}"), out);
        }
        analyses(mesh, rollout, out);
        let routing = "spec.strategy.canary.trafficRouting.istio";
        let body = &rollout.object.body;
        if let Some(data) = body.at(&format!("{routing}.virtualService")) {
            route(mesh, rollout, data, &format!("{routing}.virtualService"), out);
        }
        for (path, data) in items(body.at(&format!("{routing}.virtualServices")), &format!("{routing}.virtualServices")) {
            route(mesh, rollout, data, &path, out);
        }
        if let Some(name) = body.at(&format!("{routing}.destinationRule.name")).and_then(Data::as_str)
            && mesh.has(NETWORKING, "DestinationRule", rollout.place, name) == Presence::Missing
        {
            out.push(missing(mesh, rollout, "DestinationRule", name, format!("{routing}.destinationRule.name")));
        }
    }
}

fn missing(mesh: &Mesh<'_>, rollout: &Item<'_>, kind: &'static str, name: &str, path: String) -> Diagnostic {
    let message = format!("{} refers to {kind} `{name}`, which is not defined", called(rollout.object));
    let group = match kind {
        "VirtualService" | "DestinationRule" => NETWORKING,
        "AnalysisTemplate" | "ClusterAnalysisTemplate" => ARGO,
        _ => CORE,
    };
    let define = || format!("define it in namespace `{}`, or correct the name", rollout.place.1);
    let help = mesh.near(group, kind, rollout.place, name).unwrap_or_else(define);
    mesh.model.error(rollout.id, "MS0908", message).field(path).help(help)
}

fn service<'a>(mesh: &Mesh<'a>, rollout: &Item<'a>, path: &str, out: &mut Vec<Diagnostic>) {
    let Some(name) = rollout.object.body.at(path).and_then(Data::as_str) else { return };
    let Some(service) = mesh.find(CORE, "Service", rollout.place, name) else {
        if mesh.has(CORE, "Service", rollout.place, name) == Presence::Missing {
            out.push(missing(mesh, rollout, "Service", name, path.to_owned()));
        }
        return;
    };
    let (Some(selector), Some(labels)) = (
        service.object.body.at("spec.selector").and_then(Data::as_map),
        rollout.object.body.at("spec.template.metadata.labels").and_then(Data::as_map),
    ) else {
        return;
    };
    let differs = |(key, value): &(&str, &Data)| *key != "rollouts-pod-template-hash" && labels.get(key) != Some(*value);
    if let Some((key, value)) = selector.iter().find(differs) {
        let message = format!("{} of {} selects the label `{key}={}`, which the pods of the rollout do not have", called(service.object), called(rollout.object), value.to_text());
        out.push(
            mesh.model
                .error(rollout.id, "MS0908", message)
                .field(path)
                .note_at("the service is defined here", mesh.model.node(service.id).at)
                .help("use labels of the rollout's pod template; Argo Rollouts adds the hash label itself"),
        );
    }
}

/// Checks the analyses of a rollout in all their locations.
fn analyses<'a>(mesh: &Mesh<'a>, rollout: &Item<'a>, out: &mut Vec<Diagnostic>) {
    let body = &rollout.object.body;
    let strategy = "spec.strategy";
    let mut lists = Vec::new();
    for path in ["blueGreen.prePromotionAnalysis", "blueGreen.postPromotionAnalysis", "canary.analysis"] {
        lists.push((format!("{strategy}.{path}.templates"), body.at(&format!("{strategy}.{path}.templates"))));
    }
    for (path, step) in items(body.at(&format!("{strategy}.canary.steps")), &format!("{strategy}.canary.steps")) {
        lists.push((format!("{path}.analysis.templates"), step.at("analysis.templates")));
        lists.push((format!("{path}.experiment.analyses"), step.at("experiment.analyses")));
    }
    for (path, list) in lists {
        for (path, template) in items(list, &path) {
            let Some(name) = template.at("templateName").and_then(Data::as_str) else { continue };
            let is_wide = template.at("clusterScope").and_then(Data::as_bool) == Some(true);
            let (kind, place) = match is_wide {
                true => ("ClusterAnalysisTemplate", (rollout.place.0, "")),
                false => ("AnalysisTemplate", rollout.place),
            };
            let is_there = mesh.find(ARGO, kind, place, name).is_some();
            let is_known = mesh.is_whole(rollout.place) && (!is_wide || !mesh.model.is_open);
            if !is_there && is_known {
                out.push(missing(mesh, rollout, kind, name, format!("{path}.templateName")));
            }
        }
    }
}

/// Checks the route whose weights the rollout changes.
fn route<'a>(mesh: &Mesh<'a>, rollout: &Item<'a>, data: &'a Data, path: &str, out: &mut Vec<Diagnostic>) {
    let Some(full) = data.at("name").and_then(Data::as_str) else { return };
    let (name, namespace) = full.split_once('.').unwrap_or((full, rollout.place.1));
    let place = (rollout.place.0, namespace);
    let Some(service) = mesh.find(NETWORKING, "VirtualService", place, name) else {
        if mesh.has(NETWORKING, "VirtualService", place, name) == Presence::Missing {
            out.push(missing(mesh, rollout, "VirtualService", full, format!("{path}.name")));
        }
        return;
    };
    let note = |diagnostic: Diagnostic| diagnostic.note_at("the route is defined here", mesh.model.node(service.id).at);
    let routes = service.object.body.at("spec.http").map(Data::items).unwrap_or_default();
    let name_of = |route: &'a Data| route.at("name").and_then(Data::as_str);
    let wanted: Vec<&str> = data.at("routes").map(Data::items).unwrap_or_default().iter().filter_map(Data::as_str).collect();
    let known: BTreeSet<&str> = routes.iter().filter_map(name_of).collect();
    if let Some((idx, route)) = wanted.iter().enumerate().find(|(_, route)| !known.contains(**route)) {
        let message = format!("{} refers to the route `{route}` of {}, which is not defined there", called(rollout.object), called(service.object));
        let help = if known.is_empty() { "set `name` of the route in the `VirtualService`".to_owned() } else { format!("use one of the routes {}", named(known)) };
        out.push(note(mesh.model.error(rollout.id, "MS0908", message).field(format!("{path}.routes[{idx}]"))).help(help));
        return;
    }
    if wanted.is_empty() && routes.len() > 1 {
        let message = format!("{} does not specify which of the several routes of {} it controls", called(rollout.object), called(service.object));
        out.push(note(mesh.model.error(rollout.id, "MS0908", message).field(path)).help("list the names of the routes in `routes`"));
        return;
    }
    let moved: Vec<&Data> =
        routes.iter().filter(|route| wanted.is_empty() || name_of(route).is_some_and(|name| wanted.contains(&name))).collect();
    let canary = "spec.strategy.canary";
    let said = |path: &str| rollout.object.body.at(&format!("{canary}.{path}")).and_then(Data::as_str);
    let by_subset = said("trafficRouting.istio.destinationRule.name").is_some();
    let (stable, fresh, key) = match by_subset {
        true => (
            said("trafficRouting.istio.destinationRule.stableSubsetName"),
            said("trafficRouting.istio.destinationRule.canarySubsetName"),
            "subset",
        ),
        false => (said("stableService"), said("canaryService"), "host"),
    };
    for (role, name) in [("stable", stable), ("canary", fresh)] {
        let Some(name) = name else { continue };
        let leads = |route: &&&Data| {
            let destinations = route.at("route").map(Data::items).unwrap_or_default();
            destinations.iter().any(|to| {
                let said = to.at("destination").and_then(|it| it.at(key)).and_then(Data::as_str);
                said.is_some_and(|said| said == name || !by_subset && said.split('.').next() == Some(name))
            })
        };
        if moved.iter().any(|route| !leads(&route)) {
            let message = format!("{} of {} has no destination for the {role} {key} `{name}`", called(service.object), called(rollout.object));
            out.push(note(mesh.model.error(rollout.id, "MS0908", message).field(path)).help(format!("add a destination with {key} `{name}` to the route")));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn rollout(strategy: &str) -> String {
        let service = |name: &str| {
            format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{ name: {name} }}\n\
                 spec: {{ selector: {{ app: orders }}, ports: [{{ name: http, port: 8080 }}] }}\n---\n"
            )
        };
        service("stable")
            + &service("fresh")
            + &format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {{ name: success-rate }}\n\
                 spec: {{ metrics: [{{ name: success, provider: {{ prometheus: {{ query: up }} }} }}] }}\n---\n\
                 apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
                 spec: {{ hosts: [orders.example.com], gateways: [public/public], http: [{{ name: primary, route: [\
                 {{ destination: {{ host: stable }}, weight: 100 }}, {{ destination: {{ host: fresh }}, weight: 0 }}] }}] }}\n---\n\
                 apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{ name: orders }}\n\
                 spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, template: {{ metadata: {{ labels: {{ app: orders }} }}, \
                 spec: {{ containers: [{{ name: orders, image: 'orders:1.0.0' }}] }} }}, strategy: {{ {strategy} }} }}\n"
            )
    }

    #[test]
    fn reports_missing_services() {
        assert_eq!(open(&rollout("blueGreen: { activeService: stable, previewService: preview }")), ["MS0908"]);
        assert_eq!(open(&rollout("blueGreen: { activeService: stable, previewService: fresh }")), [""; 0]);
    }

    #[test]
    fn reports_a_missing_analysis() {
        let with = |name: &str| {
            rollout(&format!("blueGreen: {{ activeService: stable, prePromotionAnalysis: {{ templates: [{{ templateName: {name} }}] }} }}"))
        };
        assert_eq!(open(&with("succes-rate")), ["MS0908"]);
        assert_eq!(open(&with("success-rate")), [""; 0]);
    }

    fn canary(stable: &str, route: &str) -> String {
        rollout(&format!(
            "canary: {{ stableService: {stable}, canaryService: fresh, trafficRouting: {{ istio: {{ virtualService: {{ name: orders, routes: [{route}] }} }} }} }}"
        ))
    }

    #[test]
    fn requires_a_named_route_with_both_destinations() {
        assert_eq!(open(&canary("stable", "primary")), [""; 0]);
        assert_eq!(open(&canary("stable", "main")), ["MS0908"]);
        let swapped = canary("stable", "primary").replace("host: fresh", "host: stable");
        assert_eq!(open(&swapped), ["MS0860", "MS0908"]);
    }
}
