//! A listener of a gateway has a protocol that does not exist.
//!
//! # What it reports
//!
//! The protocol of a Gateway API listener is not `HTTP`, `HTTPS`, `TLS`, `TCP`, `UDP` or `HBONE`, and has no domain of
//! an implementation, such as `example.com/quic`. For servers of an Istio `Gateway`, the protocol is not one that Istio
//! supports.
//!
//! # Why it matters
//!
//! The definition of the Gateway API accepts any other word. The controller then does not accept the listener
//! (`UnsupportedProtocol`), and its port is not opened. The webhook of Istio rejects a server with an unknown protocol.
//!
//! # Fix
//!
//! Use one of these protocols. HTTP/2 and HTTP/3 are not protocols of a listener: they are negotiated on `HTTPS`.
//!
//! Source: <https://gateway-api.sigs.k8s.io/reference/spec/#protocoltype>

use crate::diag::Diagnostic;
use crate::rules::index::near::meant;
use crate::rules::index::pods::called;
use crate::rules::index::{GATEWAY_API, Item, Mesh, NETWORKING, items, named};
use crate::val::Data;

/// The protocols of a Gateway API listener, and `HBONE`. Waypoints and east-west gateways of Istio's ambient mode use
/// `HBONE`, which has no domain in its name.
const OF_LISTENERS: [&str; 6] = ["HBONE", "HTTP", "HTTPS", "TCP", "TLS", "UDP"];

/// The protocols of a server of Istio's `Gateway`. Case does not matter.
///
/// Source: <https://github.com/istio/istio/blob/1.30.3/pkg/config/protocol/instance.go>
const OF_SERVERS: [&str; 14] = [
    "DOUBLEHBONE",
    "GRPC",
    "GRPC-WEB",
    "HBONE",
    "HTTP",
    "HTTP2",
    "HTTPS",
    "HTTP_PROXY",
    "MONGO",
    "MYSQL",
    "REDIS",
    "TCP",
    "TLS",
    "UDP",
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for kind in ["Gateway", "ListenerSet", "XListenerSet"] {
        for gateway in mesh.all(GATEWAY_API, kind) {
            for (path, listener) in items(gateway.object.body.at("spec.listeners"), "spec.listeners") {
                let Some(protocol) = listener.at("protocol").and_then(Data::as_str) else { continue };
                if !protocol.contains('/') && !OF_LISTENERS.contains(&protocol) {
                    out.push(unsupported(mesh, gateway, ("listener", protocol), &OF_LISTENERS, format!("{path}.protocol")));
                }
            }
        }
    }
    for gateway in mesh.all(NETWORKING, "Gateway") {
        for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
            let Some(protocol) = server.at("port.protocol").and_then(Data::as_str) else { continue };
            if !OF_SERVERS.iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
                out.push(unsupported(mesh, gateway, ("server", protocol), &OF_SERVERS, format!("{path}.port.protocol")));
            }
        }
    }
}

fn unsupported(
    mesh: &Mesh<'_>,
    gateway: &Item<'_>,
    (part, protocol): (&str, &str),
    known: &[&str],
    path: String,
) -> Diagnostic {
    let message = format!("a {part} of {} has protocol `{protocol}`, which does not exist", called(gateway.object));
    let help = match meant(protocol, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}", named(known.iter().copied().filter(|it| *it != "HBONE" && OF_LISTENERS.contains(it)))),
    };
    mesh.model.error(gateway.id, "MS0429", message).field(path).help(help)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_gateway};

    fn listener(protocol: &str) -> Vec<&'static str> {
        open(&format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{ name: public }}\n\
             spec: {{ gatewayClassName: istio, listeners: [{{ name: all, port: 80, protocol: {protocol} }}] }}\n"
        ))
    }

    fn server(protocol: &str) -> Vec<&'static str> {
        open(&with_gateway(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: public, namespace: istio-ingress }}\n\
             spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 80, name: web, protocol: {protocol} }}, hosts: ['a.example.com'] }}] }}\n"
        )))
    }

    #[test]
    fn reports_a_protocol_that_does_not_exist() {
        assert_eq!(listener("HTTP3"), ["MS0429"]);
        assert_eq!(listener("http"), ["MS0429"], "case counts");
        assert_eq!(server("HTTP3"), ["MS0429"]);
    }

    #[test]
    fn accepts_standard_and_implementation_specific_protocols() {
        assert_eq!(listener("HTTP"), [""; 0]);
        assert_eq!(listener("example.com/quic"), [""; 0]);
        assert_eq!(listener("HBONE"), [""; 0], "that of a waypoint");
        assert_eq!(server("http2"), [""; 0], "case does not count");
    }
}
