//! A port of a service in the mesh does not declare its protocol.
//!
//! # What it reports
//!
//! The port of a Service in the mesh has no `appProtocol`, and its name does not begin with a protocol. The finding is
//! a warning, or a note if it is unknown whether the namespace is in the mesh. A port with the protocol HTTP and the
//! number of a server-first protocol (FTP, SMTP, MySQL) is an error.
//!
//! # Why it matters
//!
//! Istio reads the protocol from `appProtocol` or from the beginning of the port name. Without either, it guesses from
//! the first bytes: HTTP routes, retries and metrics may not work. Protocols in which the server sends first, such as
//! MySQL, hang. If such a port is named `http`, every connection fails.
//!
//! # Fix
//!
//! Set `appProtocol`, or begin the name with the protocol: `http-web`, `grpc`, `tcp-mysql`.
//!
//! Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/>

use crate::hash::FastSet;
use crate::diag::{Diagnostic, Severity};
use crate::val::Data;
use crate::rules::index::exports::ROOT;
use crate::rules::index::{CORE, Item, Mesh, NETWORKING, OF_THE_CLUSTER, is_gateway, items};
use crate::rules::index::pods::called;
use crate::rules::index::routes::{self, is_http, protocol};

/// Ports on which the server sends first, and their protocols.
const SERVER_FIRST: [(i64, &str); 4] = [(21, "FTP"), (25, "SMTP"), (587, "SMTP"), (3306, "MySQL")];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let routed: FastSet<String> = routed(mesh);
    let has_mesh = mesh.has_istio();
    for service in mesh.all(CORE, "Service") {
        let outside = service.object.body.at("spec.type").and_then(Data::as_str) == Some("ExternalName");
        if outside || OF_THE_CLUSTER.contains(&service.place.1) || service.place.1 == ROOT {
            continue;
        }
        let in_mesh = is_in_mesh(mesh, service, &routed);
        if !in_mesh.unwrap_or(has_mesh) {
            continue;
        }
        for (path, port) in items(service.object.body.at("spec.ports"), "spec.ports") {
            let number = port.at("port").and_then(Data::as_int).unwrap_or_default();
            let first = SERVER_FIRST.iter().find(|(known, _)| *known == number).map(|(_, who)| *who);
            match (protocol(port), first) {
                (None, _) => {
                    let message = format!("the protocol of port `{number}` of {} is not declared", called(service.object));
                    // Another file may specify whether the namespace is in the mesh.
                    let severity = if in_mesh.is_some() { Severity::Warning } else { Severity::Note };
                    let beside = first.map(|who| format!("; {who} requires `tcp`, because the server sends first"));
                    out.push(
                        mesh.model
                            .warning(service.id, "MS0808", message)
                            .severity(severity)
                            .field(path)
                            .help(format!("set `appProtocol`, or begin the port name with the protocol, such as `http-web`{}", beside.unwrap_or_default())),
                    );
                }
                (Some(word), Some(who)) if is_http(word) && in_mesh.is_some() => {
                    let message = format!("port `{number}` of {} declares the protocol `{word}`, but it is the port of {who}", called(service.object));
                    out.push(
                        mesh.model
                            .error(service.id, "MS0808", message)
                            .field(path)
                            .help("set `appProtocol: tcp`, because the server sends first and a proxy must not wait for a request"),
                    );
                }
                _ => {}
            }
        }
    }
}

/// Returns the hosts in routes and rules of the mesh.
fn routed(mesh: &Mesh<'_>) -> FastSet<String> {
    let mut hosts = FastSet::default();
    for item in mesh.all(NETWORKING, "VirtualService") {
        hosts.extend(routes::destinations(item.object).iter().map(|it| mesh.key(it.host, item.place.1)));
    }
    for item in mesh.all(NETWORKING, "DestinationRule") {
        hosts.extend(item.object.body.at("spec.host").and_then(Data::as_str).map(|host| mesh.key(host, item.place.1)));
    }
    hosts
}

/// Whether a service is in the mesh: its pods are, or a route of the mesh uses it. Returns `None` if it is unknown.
fn is_in_mesh<'a>(mesh: &Mesh<'a>, service: &Item<'a>, routed: &FastSet<String>) -> Option<bool> {
    let labels = service.object.body.at("spec.selector").and_then(Data::as_map);
    let selected = labels.and_then(|labels| mesh.pods.selected(service.place, labels)).unwrap_or_default();
    if selected.iter().any(|pods| is_gateway(pods)) {
        return Some(false);
    }
    let is_told = selected.first().and_then(|pods| mesh.in_mesh(pods)).or_else(|| mesh.meshes(service.place));
    is_told.or_else(|| routed.contains(&mesh.key(&service.object.name, service.place.1)).then_some(true))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn service(label: &str, port: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio-injection: {label} }} }}\n\
             ---\napiVersion: v1\nkind: Service\nmetadata: {{ name: orders }}\nspec: {{ ports: [{port}] }}\n"
        )
    }

    #[test]
    fn warns_about_a_port_without_a_protocol_in_the_mesh() {
        assert_eq!(open(&service("enabled", "{ name: web, port: 80 }")), ["MS0808"]);
        assert_eq!(open(&service("disabled", "{ name: web, port: 80 }")), [""; 0]);
    }

    #[test]
    fn reports_http_ports_of_server_first_protocols() {
        assert_eq!(open(&service("enabled", "{ name: http, port: 3306 }")), ["MS0808"]);
        assert_eq!(open(&service("enabled", "{ name: tcp-mysql, port: 3306 }")), [""; 0]);
    }

    #[test]
    fn accepts_a_name_or_an_app_protocol() {
        assert_eq!(open(&service("enabled", "{ name: http-web, port: 80 }")), [""; 0]);
        assert_eq!(open(&service("enabled", "{ name: web, port: 80, appProtocol: http }")), [""; 0]);
        assert_eq!(open(&service("enabled", "{ name: dns, port: 53, protocol: UDP }")), [""; 0]);
    }
}
