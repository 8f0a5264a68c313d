//! A `ServiceMonitor` or `PodMonitor` names a port that none of its targets has.
//!
//! # What it reports
//!
//! The rule compares the `port` of each endpoint with the port names of the selected Services or pods. It checks
//! selectors that consist only of `matchLabels`. It skips monitors without a selected target, and targets whose port
//! names are known only at deployment.
//!
//! # Why it matters
//!
//! Prometheus discovers the targets and drops all of them. There are no metrics and no error, and alerts never fire.
//!
//! # Fix
//!
//! Use the name of a port of the selected Services, or of the containers of the selected pods. The port of a
//! `ServiceMonitor` is the name of the Service port, not of the container port.
//!
//! Source: <https://prometheus-operator.dev/docs/developer/getting-started/>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::rules::index::near::meant;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Item, Mesh, items, label, named};
use crate::val::{Bag, Data};

const PROMETHEUS: &str = "monitoring.coreos.com";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for monitor in mesh.all(PROMETHEUS, "ServiceMonitor") {
        let Some(labels) = labels(monitor) else { continue };
        let is_selected = |service: &&Item<'_>| {
            labels.iter().all(|(key, value)| value.as_str().is_some() && label(&service.object.body, key) == value.as_str())
        };
        let ports = services(mesh, monitor).into_iter().filter(is_selected).map(|service| {
            let ports = service.object.body.at("spec.ports").map(Data::items).unwrap_or_default();
            ports.iter().map(|port| port.at("name")).collect()
        });
        judge(mesh, monitor, "spec.endpoints", "Services", ports.collect(), out);
    }
    for monitor in mesh.all(PROMETHEUS, "PodMonitor") {
        let Some(labels) = labels(monitor) else { continue };
        let selected = mesh.pods.selected_anywhere(monitor.place.0, labels).unwrap_or_default();
        let watched = watched(monitor);
        let is_watched = |namespace: &str| watched.as_ref().is_none_or(|watched| watched.contains(namespace));
        let selected = selected.iter().filter(|pods| is_watched(pods.object.namespace.as_deref().unwrap_or_default()));
        let ports = selected.map(|pods| {
            let ports = pods.containers().filter_map(|container| container.get("ports")).flat_map(Data::items);
            ports.map(|port| port.at("name")).collect()
        });
        judge(mesh, monitor, "spec.podMetricsEndpoints", "pods", ports.collect(), out);
    }
}

/// Returns the labels of a monitor's selector, if the selector has only labels.
fn labels<'a>(monitor: &Item<'a>) -> Option<&'a Bag> {
    let selector = monitor.object.body.at("spec.selector")?.as_map()?;
    let labels = selector.get("matchLabels")?.as_map()?;
    (selector.get("matchExpressions").is_none() && !labels.is_empty()).then_some(labels)
}

/// Returns the services in the namespaces of a monitor.
fn services<'m, 'a>(mesh: &'m Mesh<'a>, monitor: &Item<'a>) -> Vec<&'m Item<'a>> {
    match watched(monitor) {
        Some(namespaces) => {
            namespaces.into_iter().flat_map(|namespace| mesh.services_in((monitor.place.0, namespace))).collect()
        }
        None => mesh.all(CORE, "Service").iter().filter(|service| service.place.0 == monitor.place.0).collect(),
    }
}

/// Returns the namespaces of a monitor: by default, its own. `None` means all namespaces, or an unknown one.
fn watched<'a>(monitor: &Item<'a>) -> Option<BTreeSet<&'a str>> {
    let body = &monitor.object.body;
    if body.at("spec.namespaceSelector.any").and_then(Data::as_bool) == Some(true) {
        return None;
    }
    match body.at("spec.namespaceSelector.matchNames").map(Data::items).unwrap_or_default() {
        [] => Some(BTreeSet::from([monitor.place.1])),
        names => names.iter().map(Data::as_str).collect(),
    }
}

/// Compares the ports of endpoints with the ports of the targets, one list for each target.
fn judge<'a>(
    mesh: &Mesh<'a>,
    monitor: &Item<'a>,
    path: &str,
    selected: &str,
    ports: Vec<Vec<Option<&'a Data>>>,
    out: &mut Vec<Diagnostic>,
) {
    let all: Vec<&Data> = ports.into_iter().flatten().flatten().collect();
    let names: BTreeSet<&str> = all.iter().filter_map(|name| name.as_str()).collect();
    // If the selector matches no target, the manifests may be incomplete. A name that is known only at deployment may
    // match.
    if names.is_empty() || all.iter().any(|name| name.as_str().is_none()) {
        return;
    }
    for (path, endpoint) in items(monitor.object.body.at(path), path) {
        let Some(port) = endpoint.at("port").and_then(Data::as_str).filter(|port| !names.contains(port)) else { continue };
        let message = format!("{} refers to port `{port}`, which the selected {selected} do not have", called(monitor.object));
        let help = match meant(port, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of {}", named(names.iter().copied())),
        };
        out.push(mesh.model.error(monitor.id, "MS0431", message).field(format!("{path}.port")).help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn service_monitor(namespace: &str, port: &str) -> Vec<&'static str> {
        let text = with_orders(&format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {{ name: orders, namespace: {namespace} }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, namespaceSelector: {{ matchNames: [shop] }}, endpoints: [{{ port: {port} }}] }}\n"
        ));
        open(&text.replacen("metadata: { name: orders }", "metadata: { name: orders, labels: { app: orders } }", 1))
    }

    fn pod_monitor(namespace: &str, port: &str) -> Vec<&'static str> {
        open(&with_orders(&format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {{ name: orders, namespace: {namespace} }}\n\
             spec: {{ selector: {{ matchLabels: {{ app: orders }} }}, podMetricsEndpoints: [{{ port: {port} }}] }}\n"
        )))
    }

    #[test]
    fn reports_a_port_that_no_target_has() {
        assert_eq!(service_monitor("monitoring", "metrics"), ["MS0431"]);
        assert_eq!(pod_monitor("shop", "metrics"), ["MS0431"]);
    }

    #[test]
    fn accepts_existing_ports_and_monitors_without_targets() {
        assert_eq!(service_monitor("monitoring", "http"), [""; 0]);
        assert_eq!(pod_monitor("shop", "http"), [""; 0]);
        assert_eq!(pod_monitor("other", "metrics"), [""; 0], "it selects nothing that is known");
    }
}
