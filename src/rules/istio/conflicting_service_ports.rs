//! Services of one workload define the same port with different protocols or numbers.
//!
//! # What it reports
//!
//! Two Services select the same pods of the mesh. If they define one port number with different protocols, the finding
//! is a warning. If they define one target port with different port numbers, it is a note. If the protocols differ as
//! well, it is a warning. Gateways are not checked.
//!
//! # Why it matters
//!
//! The proxy of the workload has one listener for each port. If one `Service` defines the port as `http` and another as
//! `tcp`, Istio applies only one of them: HTTP routes and policies are lost, or requests fail. Different numbers for
//! one port make metrics and policies depend on the service name that a caller uses.
//!
//! # Fix
//!
//! Use the same protocol for the port in every service.
//!
//! Source: <https://istio.io/latest/docs/ops/deployment/application-requirements/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0116/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0137/>

use std::collections::{BTreeMap, BTreeSet};

use crate::hash::FastMap;
use crate::diag::{Diagnostic, Severity};
use crate::rules::index::pods::called;
use crate::rules::index::routes;
use crate::rules::index::{CORE, Item, Mesh, is_gateway, named};
use crate::tree::NodeId;
use crate::val::Data;

/// A port of a service.
struct Port<'a> {
    service: &'a Item<'a>,
    number: i64,
    protocol: Option<&'a str>,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut services: FastMap<NodeId, Vec<&Item<'_>>> = FastMap::default();
    for service in mesh.all(CORE, "Service") {
        let Some(labels) = service.object.body.at("spec.selector").and_then(Data::as_map) else { continue };
        for pods in mesh.pods.selected(service.place, labels).into_iter().flatten() {
            services.entry(pods.id).or_default().push(service);
        }
    }
    for pods in mesh.pods.all() {
        let Some(services) = services.get(&pods.id).filter(|services| services.len() > 1) else { continue };
        if mesh.in_mesh(pods) != Some(true) || is_gateway(pods) {
            continue;
        }
        let mut by_number: BTreeMap<i64, Vec<Port<'_>>> = BTreeMap::new();
        let mut by_target: BTreeMap<String, Vec<Port<'_>>> = BTreeMap::new();
        for service in services {
            for port in routes::ports(service.object) {
                let Some(number) = port.at("port").and_then(Data::as_int) else { continue };
                let protocol = routes::protocol(port);
                let target = port.at("targetPort").map_or_else(|| number.to_string(), Data::to_text);
                by_number.entry(number).or_default().push(Port { service, number, protocol });
                by_target.entry(target).or_default().push(Port { service, number, protocol });
            }
        }
        let warning = |message: String, ports: &[Port<'_>]| {
            let mut diagnostic = mesh.model.warning(pods.id, "MS0826", message).help("use the same port number and protocol in every service of the pods");
            for port in ports.iter().take(3) {
                let what = format!("{} defines it with protocol `{}` and port {}", called(port.service.object), port.protocol.unwrap_or("-"), port.number);
                diagnostic = diagnostic.note_at(what, mesh.model.node(port.service.id).at);
            }
            diagnostic
        };
        let differ = |ports: &[Port<'_>]| protocols(ports).len() > 1;
        let mut is_told = false;
        for (number, ports) in by_number.iter().filter(|(_, ports)| differ(ports)) {
            is_told = true;
            let message = format!("services define port {number} of {} with different protocols: {}", called(pods.object), named(protocols(ports)));
            out.push(warning(message, ports));
        }
        for (target, ports) in by_target.iter().filter(|(_, ports)| !is_told && ports.iter().any(|it| it.number != ports[0].number)) {
            let message = format!("services define target port `{target}` of {} with different port numbers", called(pods.object));
            let diagnostic = warning(message, ports);
            out.push(if differ(ports) { diagnostic } else { diagnostic.severity(Severity::Note) });
        }
    }
}

/// Returns the distinct protocols of ports.
fn protocols<'a>(ports: &[Port<'a>]) -> BTreeSet<&'a str> {
    ports.iter().filter_map(|port| port.protocol).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{noted, warned, with_orders};

    fn second(port: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio-injection: enabled }} }}\n\
             ---\napiVersion: v1\nkind: Service\nmetadata: {{ name: orders-2 }}\n\
             spec: {{ selector: {{ app: orders }}, ports: [{{ {port} }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_two_protocols_for_the_same_container_port() {
        assert_eq!(warned(&second("name: tcp, port: 8080")), ["MS0826", "MS0826"]);
        assert_eq!(warned(&second("name: tcp, port: 80, targetPort: 8080")), ["MS0826", "MS0826"]);
    }

    #[test]
    fn notes_two_service_ports_for_the_same_container_port() {
        assert_eq!(noted(&second("name: http, port: 80, targetPort: 8080")), ["MS0826", "MS0826"]);
        assert_eq!(warned(&second("name: http, port: 80, targetPort: 8080")), [""; 0]);
    }

    #[test]
    fn accepts_equal_service_ports_and_another_container_port() {
        assert_eq!(warned(&second("name: http, port: 8080")), [""; 0]);
        assert_eq!(noted(&second("name: tcp, port: 9090, targetPort: 8080").replace("9090, targetPort: 8080", "9090")), [""; 0]);
    }
}
