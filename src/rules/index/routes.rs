//! Destinations of a `VirtualService` and of routes of the Gateway API.

use crate::node::Object;
use crate::rules::index::items;
use crate::val::{Bag, Data};

/// A protocol of the routes of a `VirtualService`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Protocol {
    Http,
    Tls,
    Tcp,
}

impl Protocol {
    /// All protocols, in the order in which rules check them.
    pub const ALL: [Self; 3] = [Self::Http, Self::Tls, Self::Tcp];

    /// Returns the field of a `VirtualService` with the routes of this protocol.
    pub fn field(self) -> &'static str {
        match self {
            Self::Http => "spec.http",
            Self::Tls => "spec.tls",
            Self::Tcp => "spec.tcp",
        }
    }
}

/// A destination of a `VirtualService`.
pub(in crate::rules) struct Destination<'a> {
    /// Its path, such as `spec.http[0].route[1].destination`.
    pub path: String,
    pub body: &'a Bag,
    pub host: &'a str,
    pub protocol: Protocol,
    /// Whether it receives only copies of requests.
    pub is_mirror: bool,
}

/// Returns all destinations of a `VirtualService`, including mirrors.
pub(in crate::rules) fn destinations(service: &Object) -> Vec<Destination<'_>> {
    let mut found = Vec::new();
    for protocol in Protocol::ALL {
        let mut add = |path: String, data, is_mirror| found.extend(destination(path, data, protocol, is_mirror));
        for (path, rule) in items(service.body.at(protocol.field()), protocol.field()) {
            for (path, route) in items(rule.at("route"), &format!("{path}.route")) {
                add(format!("{path}.destination"), route.at("destination"), false);
            }
            add(format!("{path}.mirror"), rule.at("mirror"), true);
            for (path, mirror) in items(rule.at("mirrors"), &format!("{path}.mirrors")) {
                add(format!("{path}.destination"), mirror.at("destination"), true);
            }
        }
    }
    found
}

fn destination(path: String, data: Option<&Data>, protocol: Protocol, is_mirror: bool) -> Option<Destination<'_>> {
    let body = data?.as_map()?;
    let host = body.get("host")?.as_str()?;
    Some(Destination { path, body, host, protocol, is_mirror })
}

/// A backend of a route of the Gateway API.
pub(in crate::rules) struct Backend<'a> {
    /// Its path, such as `spec.rules[0].backendRefs[0]`.
    pub path: String,
    pub data: &'a Data,
}

/// Returns all backends of a route that are services.
pub(in crate::rules) fn backends(route: &Object) -> Vec<Backend<'_>> {
    let is_service = |data: &Data| {
        let text = |key: &str| data.at(key).and_then(Data::as_str);
        text("kind").is_none_or(|kind| kind == "Service") && text("group").is_none_or(str::is_empty)
    };
    let mut found = Vec::new();
    for (path, rule) in items(route.body.at("spec.rules"), "spec.rules") {
        for (path, data) in items(rule.at("backendRefs"), &format!("{path}.backendRefs")) {
            found.push(Backend { path, data });
        }
        for (path, filter) in items(rule.at("filters"), &format!("{path}.filters")) {
            if let Some(data) = filter.at("requestMirror.backendRef") {
                found.push(Backend { path: format!("{path}.requestMirror.backendRef"), data });
            }
        }
    }
    found.retain(|backend| is_service(backend.data));
    found
}

/// Whether all parents of a route are services, so that it applies to callers in the mesh.
pub(in crate::rules) fn is_of_services(route: &Object) -> bool {
    let parents = route.body.at("spec.parentRefs").map(Data::items).unwrap_or_default();
    let is_service =
        |parent: &Data| matches!(parent.at("kind").and_then(Data::as_str), Some("Service" | "ServiceEntry"));
    !parents.is_empty() && parents.iter().all(is_service)
}

/// The route kinds of the Gateway API.
pub(in crate::rules) const ROUTES: [&str; 5] = ["GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/// Returns the ports of a `Service`.
pub(in crate::rules) fn ports(service: &Object) -> &[Data] {
    service.body.at("spec.ports").map(Data::items).unwrap_or_default()
}

/// Returns the protocol of a `Service` port from `appProtocol` or its name, as Istio does, or `None` if neither has
/// one.
pub(in crate::rules) fn protocol(port: &Data) -> Option<&str> {
    let text = |key: &str| port.at(key).and_then(Data::as_str);
    if text("protocol") == Some("UDP") {
        return Some("udp");
    }
    let word = match text("appProtocol") {
        Some(word) => word.strip_prefix("kubernetes.io/").unwrap_or(word),
        None => text("name")?,
    };
    PROTOCOLS.into_iter().find(|known| {
        word.len() >= known.len()
            && word[..known.len()].eq_ignore_ascii_case(known)
            && (word.len() == known.len() || word[known.len()..].starts_with('-'))
    })
}

/// The protocols that Istio recognizes by name. A name precedes its own prefixes.
///
/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/>
const PROTOCOLS: [&str; 15] = [
    "grpc-web", "grpc", "http2", "https", "http", "h2c", "wss", "ws", "mongo", "mysql", "redis", "tcp", "tls", "udp",
    "hbone",
];

/// Whether proxies process the requests of a protocol.
pub(in crate::rules) fn is_http(protocol: &str) -> bool {
    matches!(protocol, "grpc-web" | "grpc" | "http2" | "http" | "h2c" | "ws")
}
