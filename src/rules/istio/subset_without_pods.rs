//! A subset of a `DestinationRule` selects no pods of its host, or no endpoint of its `ServiceEntry`.
//!
//! # What it reports
//!
//! The labels of a subset match no pod template that the service of the host selects. In manifests, the finding is a
//! warning if no route uses the subset, and a note if the pods may be elsewhere. Labels of topology and of pod template
//! hashes are not checked. For hosts of a `ServiceEntry`, the labels are compared with those of its endpoints.
//!
//! # Why it matters
//!
//! The subset is empty: routes to it return status 503 with the response flag `UH` (no healthy upstream). Usually, the
//! pods have another value of `version`, or the label is on the `Deployment` instead of its pod template.
//!
//! # Fix
//!
//! Use labels of a pod template that the service of the host selects.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0173/>

use crate::diag::{Diagnostic, Severity};
use crate::val::Data;
use crate::rules::index::{Host, Item, Mesh, NETWORKING, has_labels, items, named};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for rule in mesh.all(NETWORKING, "DestinationRule") {
        let Some(host) = rule.object.body.at("spec.host").and_then(Data::as_str) else { continue };
        let services = match mesh.host(host, rule.place.1) {
            Host::Service { namespace, name } => mesh.services(namespace, name),
            Host::Outside(host) => {
                without_endpoints(mesh, rule, host, out);
                continue;
            }
            Host::Wild(_) => continue,
        };
        let selectors: Vec<_> =
            services.iter().map(|it| (it.place, it.object.body.at("spec.selector").and_then(Data::as_map))).collect();
        if selectors.is_empty() || !selectors.iter().all(|(_, selector)| selector.is_some()) {
            continue;
        }
        let is_known = selectors.iter().all(|(place, _)| mesh.has_all_pods(*place));
        let behind: Vec<_> = selectors
            .iter()
            .filter_map(|(place, selector)| mesh.pods.selected(*place, (*selector)?))
            .flatten()
            .collect();
        for (path, subset) in items(rule.object.body.at("spec.subsets"), "spec.subsets") {
            let Some(labels) = subset.at("labels").and_then(Data::as_map) else { continue };
            // Labels of topology and of releases are not in pod templates.
            let is_told = |(key, value): (&str, &Data)| {
                let is_of_a_place = key.starts_with("topology.") && value.as_str() != Some("");
                value.as_str().is_some() && !is_of_a_place && !key.contains("pod-template-hash")
            };
            if labels.is_empty() || !labels.iter().all(is_told) || behind.iter().any(|pods| pods.has_labels(labels)) {
                continue;
            }
            // If the input contains no pods of the host, other pods may have the labels.
            let may_be_elsewhere = mesh.model.is_open && behind.is_empty();
            if !is_known && !may_be_elsewhere {
                continue;
            }
            let wanted: Vec<_> = labels.iter().map(|(key, value)| format!("{key}={}", value.to_text())).collect();
            let subset = subset.at("name").map(Data::to_text).unwrap_or_default();
            let message = format!("subset `{subset}` of {} does not select any pod of `{host}`", called(rule.object));
            let key = labels.iter().next().map_or("", |(key, _)| key);
            let values = behind.iter().filter_map(|pods| pods.labels?.get(key)?.as_str());
            let mut diagnostic = mesh
                .model
                .error(rule.id, "MS0809", message)
                .field(format!("{path}.labels"))
                .note(format!("its selector is `{}`", wanted.join(",")))
                .help(match named(values.clone()).as_str() {
                    "" => format!("add the label `{key}` to the pod template"),
                    values => format!("use a value of the label `{key}` that the pods have: {values}"),
                });
            // A subset that no route of these manifests uses does not lose requests.
            if !is_known {
                out.push(mesh.unresolved(diagnostic, None));
                continue;
            }
            if mesh.model.is_open && !is_used(mesh, host, rule.place.1, &subset) {
                diagnostic = diagnostic.severity(Severity::Warning).note("no route uses this subset");
            }
            if let Some(pods) = behind.first() {
                diagnostic = diagnostic
                    .note_at(format!("{} defines pods of the host", called(pods.object)), mesh.model.node(pods.id).at);
            }
            out.push(diagnostic);
        }
    }
}

/// Reports subsets of a `ServiceEntry` host that match none of its endpoints.
fn without_endpoints<'a>(mesh: &Mesh<'a>, rule: &Item<'a>, host: &str, out: &mut Vec<Diagnostic>) {
    let entries = mesh.entries_of(host);
    let endpoints = |entry: &Item<'a>| entry.object.body.at("spec.endpoints").map(Data::items).unwrap_or_default();
    let Some(first) = entries.first().filter(|_| entries.iter().all(|entry| !endpoints(entry).is_empty())) else { return };
    for (path, subset) in items(rule.object.body.at("spec.subsets"), "spec.subsets") {
        let Some(labels) = subset.at("labels").and_then(Data::as_map).filter(|labels| !labels.is_empty()) else { continue };
        // Topology labels derive from the locality of an endpoint.
        let is_told = labels.iter().all(|(key, value)| value.as_str().is_some() && !key.starts_with("topology."));
        let has = |endpoint: &Data| endpoint.at("labels").and_then(Data::as_map).is_some_and(|own| has_labels(own, labels));
        if !is_told || entries.iter().flat_map(endpoints).any(has) {
            continue;
        }
        let subset = subset.at("name").map(Data::to_text).unwrap_or_default();
        let message = format!("subset `{subset}` of {} does not select any endpoint of `{host}`", called(rule.object));
        out.push(
            mesh.model
                .error(rule.id, "MS0809", message)
                .field(format!("{path}.labels"))
                .note_at(format!("{} has the endpoints", called(first.object)), mesh.model.node(first.id).at)
                .help("use labels of an endpoint"),
        );
    }
}

/// Whether a route uses a subset of a host.
fn is_used(mesh: &Mesh<'_>, host: &str, namespace: &str, subset: &str) -> bool {
    let key = mesh.key(host, namespace);
    mesh.all(NETWORKING, "VirtualService").iter().any(|service| {
        let destinations = routes::destinations(service.object);
        destinations.iter().any(|it| it.body.get("subset").and_then(Data::as_str) == Some(subset) && mesh.key(it.host, service.place.1) == key)
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open, with_orders};

    fn rule(value: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: orders }}\n\
             spec: {{ host: orders, subsets: [{{ name: new, labels: {{ {value} }} }}] }}\n"
        ))
    }

    #[test]
    fn reports_labels_that_no_pods_have() {
        assert_eq!(open(&rule("version: v3")), ["MS0809"]);
        assert_eq!(fields(&rule("version: v3")), ["spec.subsets[0].labels"]);
    }

    #[test]
    fn accepts_version_and_topology_labels() {
        assert_eq!(open(&rule("version: v2")), [""; 0]);
        assert_eq!(open(&rule("topology.istio.io/cluster: west")), [""; 0]);
    }
}
