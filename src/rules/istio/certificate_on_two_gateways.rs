//! Two gateways of the same pods serve the same certificate.
//!
//! Browsers reuse an HTTP/2 connection for every host that its certificate
//! covers. A request for a host of the second `Gateway` then comes in on the
//! connection of the first, which does not know the host: 404, now and then.
//!
//! Put the hosts into one `Gateway`, or give each a certificate of its own.
//!
//! Source: <https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate>

use std::collections::HashMap;

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Mesh, NETWORKING, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut first = HashMap::new();
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let Some(selector) = gateway.object.body.at("spec.selector").and_then(Data::as_map) else { continue };
        let mut selector: Vec<_> = selector.iter().map(|(key, value)| format!("{key}={}", value.to_text())).collect();
        selector.sort();
        let selector = selector.join(",");
        for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
            let Some(name) = server.at("tls.credentialName").and_then(Data::as_str) else { continue };
            let other = *first.entry((gateway.place.0, selector.clone(), name)).or_insert(gateway);
            if other.id != gateway.id {
                let message = format!("{} serves certificate `{name}`, which another gateway serves too", called(gateway.object));
                out.push(
                    mesh.model
                        .warning(gateway.id, "MS0807", message)
                        .field(format!("{path}.tls.credentialName"))
                        .note_at(format!("{} serves it", called(other.object)), mesh.model.node(other.id).at)
                        .help("put the hosts into one `Gateway`, or use a separate certificate for each"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn gateways(second: &str) -> String {
        let gateway = |name: &str, certificate: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: {name} }}\n\
                 spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 443, name: https, protocol: HTTPS }}, \
                 hosts: [{name}.example.com], tls: {{ mode: SIMPLE, credentialName: {certificate} }} }}] }}\n"
            )
        };
        gateway("a", "wildcard") + &gateway("b", second)
    }

    #[test]
    fn one_certificate_on_two_gateways_is_a_warning() {
        assert_eq!(open(&gateways("wildcard")), ["MS0807"]);
    }

    #[test]
    fn a_certificate_each_is_fine() {
        assert_eq!(open(&gateways("other")), [""; 0]);
    }
}
