//! A `ServiceEntry` has a TCP port but no addresses.
//!
//! # What it reports
//!
//! A port with the protocol `TCP` or no protocol is in an entry without `addresses`. The finding is a warning. Entries
//! with automatically allocated addresses, and entries of programs, are not reported.
//!
//! # Why it matters
//!
//! A proxy identifies a TCP connection only by its destination address. Without `addresses`, the listener receives
//! every connection to that port, for any destination. Two such entries with the same port conflict.
//!
//! # Fix
//!
//! Set `addresses`, or the actual protocol (`TLS` and `HTTPS` are identified by the server name). If the proxies
//! capture DNS (`ISTIO_META_DNS_CAPTURE`) and istiod allocates addresses, the entry has an address automatically.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0134/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Mesh, NETWORKING, items, label};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    if mesh.is_program() || allocates(mesh) {
        return;
    }
    for entry in mesh.all(NETWORKING, "ServiceEntry") {
        let body = &entry.object.body;
        let has_address = ["spec.addresses", "status.addresses"].iter().any(|path| body.at(path).is_some_and(|it| !it.items().is_empty()))
            || label(body, "networking.istio.io/enable-autoallocate-ip") == Some("true");
        if has_address {
            continue;
        }
        for (path, port) in items(body.at("spec.ports"), "spec.ports") {
            let protocol = port.at("protocol").and_then(Data::as_str).unwrap_or("TCP");
            if !protocol.eq_ignore_ascii_case("TCP") && !protocol.is_empty() {
                continue;
            }
            let number = port.at("number").map(Data::to_text).unwrap_or_default();
            let message = format!("port {number} of {} uses TCP, but the entry has no addresses", called(entry.object));
            out.push(mesh.model.warning(entry.id, "MS0831", message).field(path).help("set `addresses`, or set the protocol of the port, such as `TLS`"));
        }
    }
}

/// Whether the mesh allocates addresses for entries without one.
fn allocates(mesh: &Mesh<'_>) -> bool {
    mesh.all(CORE, "ConfigMap").iter().any(|map| {
        let config = map.object.body.at("data.mesh").and_then(Data::as_str).unwrap_or_default();
        config.contains("ISTIO_META_DNS_CAPTURE") && config.contains("AUTO_ALLOCATE")
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn entry(rest: &str, protocol: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{ name: db }}\n\
             spec: {{ hosts: [db.example.com], {rest} resolution: DNS, ports: [{{ number: 5432, name: db, protocol: {protocol} }}] }}\n"
        )
    }

    #[test]
    fn warns_about_a_tcp_port_without_an_address() {
        assert_eq!(open(&entry("", "TCP")), ["MS0831"]);
        assert_eq!(open(&entry("", "tcp")), ["MS0831"]);
        assert_eq!(fields(&entry("", "TCP")), ["spec.ports[0]"]);
    }

    #[test]
    fn accepts_an_address_and_a_protocol_with_a_name() {
        assert_eq!(open(&entry("addresses: [10.0.0.9],", "TCP")), [""; 0]);
        assert_eq!(open(&entry("", "TLS")), [""; 0]);
    }
}
