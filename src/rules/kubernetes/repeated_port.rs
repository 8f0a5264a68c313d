//! Two ports of a `Service` have the same number and protocol, or two ports of a container have the same name.
//!
//! # What it reports
//!
//! Two entries of `spec.ports` of a `Service` have the same port and protocol, or two ports of one container have the
//! same name. `MS0423` reports equal names in a `Service`.
//!
//! # Why it matters
//!
//! The API server rejects the object.
//!
//! # Fix
//!
//! Give each port a unique name and number.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(CORE, "Service") {
        let ports = service.object.body.at("spec.ports");
        let mut known = BTreeSet::new();
        for (path, port) in items(ports, "spec.ports") {
            let Some(Data::Int(number)) = port.at("port") else { continue };
            let protocol = port.at("protocol").and_then(Data::as_str).unwrap_or("TCP");
            if !known.insert((*number, protocol)) {
                let message = format!("{} has two ports {number}/{protocol}", called(service.object));
                out.push(mesh.model.error(service.id, "MS0455", message).field(format!("{path}.port")).help(HELP));
            }
        }
    }
    for pods in mesh.pods.all() {
        for list in ["containers", "initContainers"] {
            for (path, container) in items(pods.spec.get(list), &pods.field(&format!("spec.{list}"))) {
                names(container.at("ports"), &format!("{path}.ports"), &mut |path, name| {
                    let message = format!("a container of {} has two ports named `{name}`", called(pods.object));
                    out.push(mesh.model.error(pods.id, "MS0455", message).field(path).help(HELP));
                });
            }
        }
    }
}

const HELP: &str = "give each port a unique name and number";

/// Calls a function for each name that an earlier port has, with the path of the name.
fn names(ports: Option<&Data>, path: &str, tell: &mut dyn FnMut(String, &str)) {
    let mut known = BTreeSet::new();
    for (path, port) in items(ports, path) {
        let Some(name) = port.at("name").and_then(Data::as_str) else { continue };
        if !known.insert(name) {
            tell(format!("{path}.name"), name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn service(ports: Value) -> Vec<&'static str> {
        let metadata = json!({ "name": "orders", "namespace": "shop" });
        let spec = json!({ "selector": { "app": "orders" }, "ports": ports });
        let mut found = codes_of([json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec })]);
        found.retain(|code| *code == "MS0455");
        found
    }

    #[test]
    fn reports_repeated_numbers_of_a_service() {
        let port = |name: &str, port: u16, protocol: &str| json!({ "name": name, "port": port, "protocol": protocol });
        assert_eq!(service(json!([port("http", 80, "TCP"), port("web", 80, "TCP")])), ["MS0455"]);
        assert_eq!(service(json!([port("dns", 53, "TCP"), port("dns-udp", 53, "UDP")])), [""; 0]);
    }

    #[test]
    fn reports_repeated_names_of_a_container() {
        let ports = |second: &str| json!([{ "name": "http", "containerPort": 8080 }, { "name": second, "containerPort": 8081 }]);
        let container = |second: &str| json!([{ "name": "orders", "image": "registry.example/orders:1.4.0", "ports": ports(second) }]);
        let found = |second: &str| {
            let mut found = codes_of([orders(json!({ "containers": container(second) }))]);
            found.retain(|code| *code == "MS0455");
            found
        };
        assert_eq!(found("http"), ["MS0455"]);
        assert_eq!(found("metrics"), [""; 0]);
    }
}
