//! An Istio `Gateway` selects no gateway pods, or opens a port that the gateway's service does not have.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a selector whose labels no gateway pod has
//! - a port that no Service of the selected pods has as `port` or `targetPort`
//!
//! If manifests do not contain the pods, the finding is a note, unless a gateway with similar labels exists. Gateways
//! on the host network are not checked for ports.
//!
//! # Why it matters
//!
//! Without pods that match the selector, the listener does not exist. Without the port on the `Service` of these pods,
//! connections are refused.
//!
//! # Fix
//!
//! Use labels of the gateway's pods as selector, and add the port to their `Service`. The gateway chart sets the label
//! `istio` to the name of its release without the prefix `istio-`: release `istio-ingress` has `istio: ingress`, not
//! `istio: ingressgateway`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0162/>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::facts;
use crate::val::{Bag, Data};
use crate::rules::index::{CORE, Item, Mesh, NETWORKING, Workloads, is_gateway, items};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let services = mesh.all(CORE, "Service");
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let selector = gateway.object.body.at("spec.selector").and_then(Data::as_map);
        let Some(selector) = selector.filter(|labels| !labels.is_empty()) else { continue };
        let Some(found) = mesh.gateways(gateway.place.0, selector) else {
            out.extend(mesh.model.is_open.then(|| unselected(mesh, gateway, selector)));
            continue;
        };
        if found.namespaces.is_empty() {
            out.push(unselected(mesh, gateway, selector));
        } else if found.releases.is_empty() {
            unopened(mesh, gateway, &found, services, out);
        }
    }
}

fn unselected(mesh: &Mesh<'_>, gateway: &Item<'_>, selector: &Bag) -> Diagnostic {
    let wanted: Vec<_> = selector.iter().map(|(key, value)| format!("{key}={}", value.to_text())).collect();
    let message = format!("{} selects no gateway pods: no pod has the labels `{}`", called(gateway.object), wanted.join(","));
    let diagnostic = mesh.model.error(gateway.id, "MS0805", message).field("spec.selector");
    let other = mesh.pods.all().find(|pods| is_gateway(pods));
    match other.and_then(|pods| Some((pods, pods.labels?.get("istio")?.as_str()?))) {
        Some((pods, label)) => {
            let diagnostic =
                diagnostic.note_at(format!("{} runs a gateway", called(pods.object)), mesh.model.node(pods.id).at);
            let wanted = selector.get("istio").and_then(Data::as_str).unwrap_or_default();
            let near = facts::nearest(wanted, [label].into_iter()).is_some();
            let help = format!("use the label of the gateway's pods: `istio: {label}`");
            mesh.unresolved(diagnostic.help(help.clone()), near.then_some(help))
        }
        None => {
            let help = "use labels of the gateway's pods, such as `istio: ingress`";
            mesh.unresolved(diagnostic.help(help), None)
        }
    }
}

/// Reports ports that no service of the gateway's pods has.
fn unopened<'a>(
    mesh: &Mesh<'a>,
    gateway: &Item<'a>,
    found: &Workloads<'_, 'a>,
    services: &[Item<'a>],
    out: &mut Vec<Diagnostic>,
) {
    let ids: BTreeSet<_> = found.pods.iter().map(|pods| pods.id).collect();
    let is_before = |service: &&Item<'a>| {
        let is_near = service.place.0 == gateway.place.0 && found.namespaces.contains(service.place.1);
        let labels = service.object.body.at("spec.selector").and_then(Data::as_map).filter(|_| is_near);
        let selected = labels.and_then(|labels| mesh.pods.selected(service.place, labels)).unwrap_or_default();
        selected.iter().any(|pods| ids.contains(&pods.id))
    };
    let before: Vec<&Item<'_>> = services.iter().filter(is_before).collect();
    // Without a known service, the open ports are unknown. Pods on the host network need no service.
    let Some(service) = before.first() else { return };
    let is_on_host = found.pods.iter().any(|pods| pods.spec.at("hostNetwork").and_then(Data::as_bool) == Some(true));
    if is_on_host {
        return;
    }
    let open: BTreeSet<i64> = before
        .iter()
        .flat_map(|service| routes::ports(service.object))
        .flat_map(|port| [port.at("port"), port.at("targetPort")])
        .filter_map(|port| port?.as_int())
        .collect();
    for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
        let Some(port) = server.at("port.number").and_then(Data::as_int).filter(|port| !open.contains(port)) else {
            continue;
        };
        let message = format!("{} uses port `{port}`, which no service of the gateway has", called(gateway.object));
        let at = mesh.model.node(service.id).at;
        out.push(
            mesh.model
                .error(gateway.id, "MS0805", message)
                .field(format!("{path}.port.number"))
                .note_at(format!("{} of namespace `{}` is the service of the gateway", called(service.object), service.place.1), at)
                .help(format!("add port {port} to that service, or use one of its ports")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{noted, open, with_gateway, with_releases};

    fn gateway(label: &str, port: u16) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: public, namespace: istio-ingress }}\n\
             spec: {{ selector: {{ istio: {label} }}, servers: [{{ port: {{ number: {port}, name: http, protocol: HTTP }}, hosts: ['*'] }}] }}\n"
        )
    }

    #[test]
    fn reports_a_selector_similar_to_the_labels_of_a_gateway() {
        assert_eq!(open(&with_gateway(&gateway("ingres", 80))), ["MS0805"]);
        assert_eq!(noted(&with_gateway(&gateway("ingressgateway", 80))), ["MS0805"]);
    }

    #[test]
    fn reports_a_port_that_the_service_does_not_have() {
        assert_eq!(open(&with_gateway(&gateway("ingress", 8081))), ["MS0805"]);
    }

    #[test]
    fn accepts_a_service_port_or_its_target_port() {
        assert_eq!(open(&with_gateway(&gateway("ingress", 80))), [""; 0]);
        assert_eq!(open(&with_gateway(&gateway("ingress", 8443))), [""; 0]);
    }

    #[test]
    fn notes_a_gateway_that_may_exist_elsewhere() {
        assert_eq!(noted(&gateway("ingressgateway", 80)), ["MS0805"]);
    }

    #[test]
    fn derives_pod_labels_of_a_chart_from_its_release_name() {
        let text = gateway("ingress", 80) + "---\napiVersion: v1\nkind: Namespace\nmetadata: { name: istio-ingress }\n";
        assert_eq!(with_releases(&text, &[("istio-ingress", "gateway", "istio-ingress")]), [""; 0]);
        assert_eq!(with_releases(&text, &[("istio-ingressgateway", "gateway", "istio-ingress")]), ["MS0805"]);
    }
}
