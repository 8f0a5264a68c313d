//! A Service, a probe or a `NetworkPolicy` uses a port that no container opens.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a `targetPort` of a Service that a selected workload does not open
//! - the port of a probe or lifecycle hook that its container does not open
//! - a port name in a `NetworkPolicy` that no selected workload has
//!
//! Port numbers are checked only in programs, and only if the pods declare ports, because a container may also listen
//! on other ports.
//!
//! # Why it matters
//!
//! A Service with such a `targetPort` has endpoints that refuse every connection. A probe of such a port prevents pods
//! from becoming ready. A policy that allows an unknown port name allows nothing.
//!
//! # Fix
//!
//! Use the name or the number of a port in `containers[].ports`.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::{CORE, Mesh, items};
use crate::rules::index::pods::{Pods, called};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let model = mesh.model;
    let is_open = model.is_open || !model.targets().any(|(id, _)| model.stack_of(id).is_some());
    for service in mesh.all(CORE, "Service") {
        let (id, object) = (service.id, service.object);
        let Some(labels) = object.body.at("spec.selector").and_then(Data::as_map) else { continue };
        let found = mesh.pods.selected(service.place, labels).unwrap_or_default();
        for (path, port) in items(object.body.at("spec.ports"), "spec.ports") {
            let key = if port.at("targetPort").is_some() { "targetPort" } else { "port" };
            let Some(target) = port.at(key) else { continue };
            for pods in found.iter().filter(|pods| !opens(pods.containers(), target, is_open)) {
                let wanted = target.to_text();
                let message = format!(
                    "{} has target port `{wanted}`, which no container of {} declares",
                    called(object),
                    called(pods.object)
                );
                out.push(
                    model
                        .error(id, "MS0411", message)
                        .field(format!("{path}.{key}"))
                        .note_at(opened(pods), model.node(pods.id).at)
                        .help("set `targetPort` to the name or number of a container port"),
                );
            }
        }
    }
    policies(mesh, out);
    for pods in mesh.pods.all() {
        for (path, container) in pods.numbered() {
            for probe in PROBES {
                let Some(action) = container.at(probe) else { continue };
                let port = ["httpGet.port", "tcpSocket.port"].into_iter().find_map(|way| Some((way, action.at(way)?)));
                if let Some((way, port)) = port.filter(|(_, port)| !opens([container], port, is_open)) {
                    let wanted = port.to_text();
                    let message = format!(
                        "`{probe}` of {} uses port `{wanted}`, which its container does not declare",
                        called(pods.object)
                    );
                    out.push(
                        model
                            .error(pods.id, "MS0411", message)
                            .field(format!("{path}.{probe}.{way}"))
                            .note(opened(pods))
                            .help("use one of the container ports"),
                    );
                }
            }
        }
    }
}

/// The fields of a container that send requests to its ports.
const PROBES: [&str; 5] =
    ["startupProbe", "readinessProbe", "livenessProbe", "lifecycle.postStart", "lifecycle.preStop"];

/// Checks the ports of network policies against the pods that they select.
fn policies(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for policy in mesh.all("networking.k8s.io", "NetworkPolicy") {
        let selector = policy.object.body.at("spec.podSelector").and_then(Data::as_map);
        let Some(selector) = selector.filter(|it| it.get("matchExpressions").is_none()) else { continue };
        let Some(labels) = selector.get("matchLabels").and_then(Data::as_map) else { continue };
        let found = mesh.pods.selected(policy.place, labels).unwrap_or_default();
        for (path, rule) in items(policy.object.body.at("spec.ingress"), "spec.ingress") {
            for (path, port) in items(rule.at("ports"), &format!("{path}.ports")) {
                let Some(name) = port.at("port").filter(|it| it.as_str().is_some()) else { continue };
                let Some(first) = found.first().filter(|_| !found.iter().any(|it| opens(it.containers(), name, true))) else {
                    continue;
                };
                let message = format!(
                    "{} allows port `{}`, which no container of {} declares",
                    called(policy.object),
                    name.to_text(),
                    called(first.object)
                );
                out.push(
                    mesh.model
                        .error(policy.id, "MS0411", message)
                        .field(format!("{path}.port"))
                        .note_at(opened(first), mesh.model.node(first.id).at)
                        .help("use the name or number of a container port"),
                );
            }
        }
    }
}

/// Whether one of the containers declares a port.
fn opens<'a>(containers: impl IntoIterator<Item = &'a Bag>, wanted: &Data, is_open: bool) -> bool {
    let ports: Vec<&Data> = containers.into_iter().filter_map(|it| it.get("ports")).flat_map(Data::items).collect();
    match wanted {
        Data::Text(name) => ports.iter().any(|port| port.at("name").and_then(Data::as_str) == Some(name)),
        // A container may listen on undeclared ports. Only declarations of programs are treated as complete.
        Data::Int(_) => is_open || ports.is_empty() || ports.iter().any(|port| port.at("containerPort") == Some(wanted)),
        _ => true,
    }
}

fn opened(pods: &Pods<'_>) -> String {
    let ports = pods.containers().filter_map(|container| container.get("ports")).flat_map(Data::items);
    let text = |port: &Data, key: &str| port.at(key).map(Data::to_text).unwrap_or_default();
    let names: Vec<_> =
        ports.map(|port| format!("`{}` ({})", text(port, "name"), text(port, "containerPort"))).collect();
    match names.is_empty() {
        true => "its containers declare no ports".to_owned(),
        false => format!("its containers declare {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, merge, orders};

    fn service(target: Value) -> Value {
        let ports = json!([{ "name": "http", "port": 80, "targetPort": target }]);
        let spec = json!({ "selector": { "app": "orders" }, "ports": ports });
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "orders" }, "spec": spec })
    }

    fn listening(extra: Value) -> Value {
        let mut container =
            json!({ "name": "orders", "image": "orders:1", "ports": [{ "name": "http", "containerPort": 8080 }] });
        merge(&mut container, extra);
        orders(json!({ "containers": [container] }))
    }

    #[test]
    fn reports_a_service_whose_target_port_no_container_declares() {
        assert_eq!(codes_of([listening(json!({})), service(json!("grpc"))]), ["MS0411"]);
        assert_eq!(codes_of([listening(json!({})), service(json!(9090))]), ["MS0411"]);
    }

    #[test]
    fn reports_a_probe_of_a_port_that_no_container_declares() {
        let probe = json!({ "readinessProbe": { "httpGet": { "path": "/ready", "port": "admin" } } });
        assert_eq!(codes_of([listening(probe)]), ["MS0411"]);
    }

    fn policy(port: Value) -> Value {
        let spec = json!({ "podSelector": { "matchLabels": { "app": "orders" } }, "ingress": [{ "ports": [{ "port": port }] }] });
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "orders" }, "spec": spec })
    }

    #[test]
    fn reports_a_policy_with_a_port_name_that_no_pod_declares() {
        assert_eq!(codes_of([listening(json!({})), policy(json!("grpc"))]), ["MS0411"]);
        assert_eq!(codes_of([listening(json!({})), policy(json!("http"))]), [""; 0]);
        assert_eq!(codes_of([listening(json!({})), policy(json!(9090))]), [""; 0], "a number that nobody declares");
    }

    #[test]
    fn accepts_a_port_by_name_or_number() {
        assert_eq!(codes_of([listening(json!({})), service(json!("http"))]), [""; 0]);
        assert_eq!(codes_of([listening(json!({})), service(json!(8080))]), [""; 0]);
    }
}
