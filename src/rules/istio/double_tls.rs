//! A `DestinationRule` adds TLS to connections that already use TLS.
//!
//! # What it reports
//!
//! A `DestinationRule` has the TLS mode `SIMPLE` or `MUTUAL` for a host and port on which clients use TLS themselves.
//! This is a port of a `ServiceEntry` with the protocol `HTTPS` or `TLS`, or a TLS port of Amazon MSK. Ports that an
//! HTTP route of a `VirtualService` uses as destination are not reported.
//!
//! # Why it matters
//!
//! The proxy encrypts the connection a second time, and the server responds with a handshake error. Clients of Kafka,
//! databases and caches of AWS usually use TLS themselves.
//!
//! # Fix
//!
//! Remove `tls` from the `DestinationRule`. Alternatively, let the client send plain text to a port with the protocol
//! `HTTP`, so that the proxy adds TLS once.
//!
//! Source: <https://istio.io/latest/docs/ops/common-problems/network-issues/#double-tls-tls-origination-for-a-tls-request>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Mesh, NETWORKING, items};
use crate::rules::index::pods::called;
use crate::rules::index::routes::{self, Protocol};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let routed: FastSet<(&str, i64)> = mesh
        .all(NETWORKING, "VirtualService")
        .iter()
        .flat_map(|service| routes::destinations(service.object))
        .filter(|destination| destination.protocol == Protocol::Http)
        .filter_map(|destination| Some((destination.host, destination.body.at("port.number")?.as_int()?)))
        .collect();
    for rule in mesh.all(NETWORKING, "DestinationRule") {
        let body = &rule.object.body;
        let Some(host) = body.at("spec.host").and_then(Data::as_str) else { continue };
        let own: Vec<(i64, Option<&str>)> = items(body.at("spec.trafficPolicy.portLevelSettings"), "")
            .filter_map(|(_, it)| Some((it.at("port.number")?.as_int()?, it.at("tls.mode").and_then(Data::as_str))))
            .collect();
        let of_all = body.at("spec.trafficPolicy.tls.mode").and_then(Data::as_str);
        for entry in mesh.entries_of(host) {
            for (_, port) in items(entry.object.body.at("spec.ports"), "spec.ports") {
                let number = port.at("number").and_then(Data::as_int).unwrap_or_default();
                let protocol = port.at("protocol").and_then(Data::as_str).unwrap_or_default().to_uppercase();
                let mode = own.iter().find(|(port, _)| *port == number).map_or(of_all, |(_, mode)| *mode);
                let is_added = matches!(mode, Some("SIMPLE" | "MUTUAL"));
                if routed.contains(&(host, number)) {
                    // An HTTP route sends plain requests to this port, so the proxy adds TLS once.
                    continue;
                }
                if !is_added || !(matches!(protocol.as_str(), "HTTPS" | "TLS") || speaks_tls(host, number)) {
                    continue;
                }
                let message = format!("{} adds TLS to port `{number}` of `{host}`, on which clients already use TLS", called(rule.object));
                out.push(
                    mesh.model
                        .error(rule.id, "MS0814", message)
                        .field("spec.trafficPolicy")
                        .note_at(format!("{} defines the port with protocol `{protocol}`", called(entry.object)), mesh.model.node(entry.id).at)
                        .help("remove `tls` for this port, or set its protocol to `HTTP` and send plain text from clients"),
                );
            }
        }
    }
}

/// Whether clients use TLS themselves on this port of an AWS service, whatever protocol the entry has.
fn speaks_tls(host: &str, port: i64) -> bool {
    host.ends_with(".amazonaws.com") && host.contains(".kafka.") && matches!(port, 9094 | 9096 | 9098)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn pair(port: &str, policy: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{ name: api }}\n\
             spec: {{ hosts: [api.example.com], resolution: DNS, ports: [{port}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: api }}\n\
             spec: {{ host: api.example.com, trafficPolicy: {{ {policy} }} }}\n"
        )
    }

    const TLS: &str = "{ number: 443, name: tls, protocol: TLS }";

    #[test]
    fn reports_tls_over_tls() {
        assert_eq!(open(&pair(TLS, "tls: { mode: SIMPLE, caCertificates: system }")), ["MS0814"]);
    }

    #[test]
    fn accepts_tls_origination_for_clients_that_send_plain_text() {
        let port = "{ number: 80, name: http, protocol: HTTP, targetPort: 443 }";
        assert_eq!(open(&pair(port, "tls: { mode: SIMPLE, caCertificates: system }")), [""; 0]);
        let both = format!("{port}, {TLS}");
        assert_eq!(open(&pair(&both, "portLevelSettings: [{ port: { number: 80 }, tls: { mode: SIMPLE, caCertificates: system } }]")), [""; 0]);
    }
}
