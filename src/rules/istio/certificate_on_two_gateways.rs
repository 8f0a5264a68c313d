//! Two `Gateway` objects that select the same pods serve the same certificate.
//!
//! # What it reports
//!
//! Two Istio `Gateway` objects use the same `credentialName`, and one of them selects all pods of the other. The
//! finding is a warning.
//!
//! # Why it matters
//!
//! Browsers reuse an HTTP/2 connection for every host that its certificate covers. A request for a host of the second
//! `Gateway` can arrive on a connection of the first, which does not serve the host. The result is an occasional status
//! 404.
//!
//! # Fix
//!
//! Put the hosts into one `Gateway`, or use a separate certificate for each gateway.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0138/>,
//! <https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Item, Mesh, NETWORKING, has_labels, items};
use crate::val::{Bag, Data};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_name: FastMap<_, Vec<(Item<'_>, &Bag)>> = FastMap::default();
    let mut uses = Vec::new();
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let Some(selector) = gateway.object.body.at("spec.selector").and_then(Data::as_map) else { continue };
        for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
            let Some(name) = server.at("tls.credentialName").and_then(Data::as_str) else { continue };
            by_name.entry((gateway.place.0, name)).or_default().push((*gateway, selector));
            uses.push((gateway, selector, name, format!("{path}.tls.credentialName")));
        }
    }
    for (gateway, selector, name, path) in uses {
        // The gateway with fewer labels in its selector selects all pods of the other one.
        let is_on_the_same = |(other, narrow): &&(Item<'_>, &Bag)| {
            !other.is_same(gateway) && has_labels(narrow, selector)
        };
        let Some((other, _)) = by_name.get(&(gateway.place.0, name)).into_iter().flatten().find(is_on_the_same) else {
            continue;
        };
        let message = format!("{} serves the certificate `{name}`, which another gateway also serves", called(gateway.object));
        out.push(
            mesh.model
                .warning(gateway.id, "MS0807", message)
                .field(path)
                .note_at(format!("{} also serves it", called(other.object)), mesh.model.node(other.id).at)
                .help("define the hosts in one `Gateway`, or use a separate certificate for each"),
        );
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
    fn warns_about_the_same_certificate_on_two_gateways() {
        assert_eq!(open(&gateways("wildcard")), ["MS0807", "MS0807"]);
    }

    #[test]
    fn accepts_a_certificate_each() {
        assert_eq!(open(&gateways("other")), [""; 0]);
    }
}
