//! What the rules about routes share: where a `VirtualService` or a route of the Gateway API leads.

use crate::node::Object;
use crate::rules::index::items;
use crate::val::{Bag, Data};

/// A destination of a `VirtualService`.
pub(in crate::rules) struct Destination<'a> {
    /// Its path, such as `spec.http[0].route[1].destination`.
    pub path: String,
    pub body: &'a Bag,
    pub host: &'a str,
}

/// All destinations of a `VirtualService`, mirrors included.
pub(in crate::rules) fn destinations<'a>(service: &'a Object) -> Vec<Destination<'a>> {
    let mut found = Vec::new();
    let mut add = |path: String, data: Option<&'a Data>| {
        if let Some(body) = data.and_then(Data::as_map)
            && let Some(host) = body.get("host").and_then(Data::as_str)
        {
            found.push((path, body, host));
        }
    };
    for protocol in ["http", "tls", "tcp"] {
        for (path, rule) in items(service.body.at(&format!("spec.{protocol}")), &format!("spec.{protocol}")) {
            for (path, route) in items(rule.at("route"), &format!("{path}.route")) {
                add(format!("{path}.destination"), route.at("destination"));
            }
            add(format!("{path}.mirror"), rule.at("mirror"));
            for (path, mirror) in items(rule.at("mirrors"), &format!("{path}.mirrors")) {
                add(format!("{path}.destination"), mirror.at("destination"));
            }
        }
    }
    found.into_iter().map(|(path, body, host)| Destination { path, body, host }).collect()
}

/// A backend of a route of the Gateway API.
pub(in crate::rules) struct Backend<'a> {
    /// Its path, such as `spec.rules[0].backendRefs[0]`.
    pub path: String,
    pub data: &'a Data,
}

/// All backends of a route that are services.
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

/// The kinds of routes of the Gateway API.
pub(in crate::rules) const ROUTES: [&str; 5] = ["GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

/// The ports of a `Service`.
pub(in crate::rules) fn ports(service: &Object) -> &[Data] {
    service.body.at("spec.ports").map(Data::items).unwrap_or_default()
}

/// The protocol of a port of a `Service`, as Istio reads it from `appProtocol` or the name; none where neither tells.
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

/// The protocols that Istio knows by name; longer ones before those that they begin with.
///
/// Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/>
const PROTOCOLS: [&str; 15] = [
    "grpc-web", "grpc", "http2", "https", "http", "h2c", "wss", "ws", "mongo", "mysql", "redis", "tcp", "tls", "udp",
    "hbone",
];

/// Whether requests of a protocol are looked into.
pub(in crate::rules) fn is_http(protocol: &str) -> bool {
    matches!(protocol, "grpc-web" | "grpc" | "http2" | "http" | "h2c" | "ws")
}
