//! Two `ServiceEntry` objects define different protocols for one host and port.
//!
//! # What it reports
//!
//! Two entries have the same host and port number, but another protocol, and their `exportTo` has a common namespace.
//! The finding is a warning.
//!
//! # Why it matters
//!
//! A proxy that sees both entries has one listener for the port and uses one protocol. Istio does not define which one.
//! If it uses `HTTP` instead of `TLS`, every connection fails.
//!
//! # Fix
//!
//! Use the same protocol in both entries, or limit their visibility with `exportTo`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0177/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::exports::Exports;
use crate::rules::index::pods::called;
use crate::rules::index::{Item, Mesh, NETWORKING, items, texts};
use crate::val::Data;

/// A port of an entry.
struct Port<'a> {
    entry: &'a Item<'a>,
    exports: Exports<'a>,
    protocol: String,
    path: String,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_host: FastMap<_, Vec<Port<'_>>> = FastMap::default();
    let mut keys = Vec::new();
    for entry in mesh.all(NETWORKING, "ServiceEntry") {
        for host in texts(&entry.object.body, "spec.hosts") {
            for (path, port) in items(entry.object.body.at("spec.ports"), "spec.ports") {
                let Some(number) = port.at("number").and_then(Data::as_int) else { continue };
                let protocol = port.at("protocol").and_then(Data::as_str).filter(|it| !it.is_empty()).unwrap_or("TCP").to_uppercase();
                let key = (entry.place.0, host, number);
                keys.push((key, entry.id));
                by_host.entry(key).or_default().push(Port { entry, exports: Exports::of(entry), protocol, path });
            }
        }
    }
    for (key, id) in keys {
        let ports = &by_host[&key];
        let own = ports.iter().find(|port| port.entry.id == id);
        let Some(own) = own else { continue };
        let other = ports.iter().find(|it| it.entry.id != id && it.protocol != own.protocol && it.exports.meet(&own.exports));
        let Some(other) = other else { continue };
        let message = format!(
            "{} defines `{}` on port {} with protocol {}, but another entry defines it with protocol {}",
            called(own.entry.object),
            key.1,
            key.2,
            own.protocol,
            other.protocol
        );
        out.push(
            mesh.model
                .warning(id, "MS0844", message)
                .field(format!("{}.protocol", own.path))
                .note_at(format!("{} is the other object", called(other.entry.object)), mesh.model.node(other.entry.id).at)
                .help("use the same protocol in both, or use `exportTo` to limit their namespaces"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn entries(second: &str, exports: &str) -> String {
        let entry = |name: &str, protocol: &str, exports: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{ name: {name}, namespace: {name} }}\n\
                 spec: {{ hosts: [api.example.com], {exports} resolution: DNS, ports: [{{ number: 443, name: api, protocol: {protocol} }}] }}\n"
            )
        };
        entry("a", "HTTPS", exports) + &entry("b", second, "")
    }

    #[test]
    fn warns_at_both_entries_about_different_protocols_for_one_port() {
        assert_eq!(open(&entries("HTTP", "")), ["MS0844", "MS0844"]);
        assert_eq!(fields(&entries("HTTP", "")), ["spec.ports[0].protocol", "spec.ports[0].protocol"]);
    }

    #[test]
    fn accepts_equal_protocols_and_separate_namespaces() {
        assert_eq!(open(&entries("https", "")), [""; 0]);
        assert_eq!(open(&entries("HTTP", "exportTo: ['~'],")), [""; 0]);
    }
}
