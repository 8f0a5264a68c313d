//! An endpoint of a `ServiceEntry` is in another network, and no gateway between the networks routes to it.
//!
//! # What it reports
//!
//! The rule checks entries with endpoints in at least two networks, in clusters with an `AUTO_PASSTHROUGH` gateway. It
//! reports, as warnings:
//!
//! - endpoints that are DNS names
//! - endpoints without a `serviceAccount`
//! - hosts that no server of the gateways matches
//!
//! # Why it matters
//!
//! Between networks, a sidecar sends requests to the gateway of the other network. The gateway reads the destination
//! from the handshake of mutual TLS. An endpoint without a service account uses plain text, so Istio silently omits it.
//! The gateway rejects a host that its servers do not match.
//!
//! An endpoint that is a DNS name is called directly at first. After another event in a registry of istiod, it is
//! omitted if the gateway itself has a DNS name, as AWS load balancers do. `cargo xtask test cluster --real`
//! demonstrates it with istiod's own code.
//!
//! # Fix
//!
//! Set the address of the endpoint and the `serviceAccount` of its proxy. Use a host that the gateway with
//! `AUTO_PASSTHROUGH` forwards, usually a name that ends with `.local`. Remove `network` from endpoints that are
//! reachable without a gateway, as in peered networks.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/service-entry/>

use std::collections::BTreeSet;

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::{Mesh, NETWORKING, items, named, texts};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let passed_on = passed_on(mesh);
    for entry in mesh.all(NETWORKING, "ServiceEntry") {
        let Some(patterns) = passed_on.get(&entry.place.0) else { continue };
        let endpoints: Vec<_> = items(entry.object.body.at("spec.endpoints"), "spec.endpoints").collect();
        let text = |endpoint: &'_ Data, key: &str| endpoint.at(key).map(Data::to_text).unwrap_or_default();
        let networks: BTreeSet<String> = endpoints.iter().map(|(_, it)| text(it, "network")).collect();
        if networks.iter().filter(|network| !network.is_empty()).count() < 2 {
            continue;
        }
        if by_dns(entry.object.body.at("spec.resolution").and_then(Data::as_str)) {
            let message = format!("{} has endpoints in several networks by DNS name, which Istio does not route through gateways between networks", called(entry.object));
            let help = "use IP addresses with `resolution: STATIC`, or remove `network` from endpoints that need no gateway";
            out.push(mesh.model.warning(entry.id, "MS0822", message).field("spec.resolution").help(help));
        }
        for (path, endpoint) in &endpoints {
            let labels = endpoint.at("labels").and_then(Data::as_map);
            let mode = labels.and_then(|it| it.get("security.istio.io/tlsMode")).and_then(Data::as_str);
            if mode == Some("istio") || mode.is_none() && !text(endpoint, "serviceAccount").is_empty() {
                continue;
            }
            let (what, address) = (called(entry.object), text(endpoint, "address"));
            let message = format!("endpoint `{address}` of {what} has no service account, so other networks cannot call it");
            let help = "set `serviceAccount` to the service account of the endpoint's proxy";
            out.push(mesh.model.warning(entry.id, "MS0822", message).field(path).help(help));
        }
        for host in texts(&entry.object.body, "spec.hosts").filter(|host| !patterns.iter().any(|it| leads(it, host))) {
            let message = format!("{} has endpoints in several networks, but no gateway between networks serves `{host}`", called(entry.object));
            let help = format!("use a host that the gateways serve: {}", named(patterns.iter().copied()));
            out.push(mesh.model.warning(entry.id, "MS0822", message).field("spec.hosts").help(help));
        }
    }
}

/// Whether proxies resolve endpoints with DNS.
fn by_dns(resolution: Option<&str>) -> bool {
    resolution.is_some_and(|it| it.contains("DNS"))
}

/// Returns the hosts that gateways between networks forward, by cluster. Restrictions to a namespace are ignored.
fn passed_on<'a>(mesh: &Mesh<'a>) -> FastMap<Option<NodeId>, Vec<&'a str>> {
    let mut found: FastMap<_, Vec<&str>> = FastMap::default();
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let servers = gateway.object.body.at("spec.servers").map(Data::items).unwrap_or_default();
        for server in servers.iter().filter(|it| it.at("tls.mode").and_then(Data::as_str) == Some("AUTO_PASSTHROUGH")) {
            let hosts = server.at("hosts").map(Data::items).unwrap_or_default().iter().filter_map(Data::as_str);
            let hosts = hosts.map(|host| host.split_once('/').map_or(host, |(_, host)| host));
            found.entry(gateway.place.0).or_default().extend(hosts);
        }
    }
    found
}

fn leads(pattern: &str, host: &str) -> bool {
    pattern == host || pattern.strip_prefix('*').is_some_and(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn codes(host: &str, account: &str, mode: &str) -> Vec<&'static str> {
        with(host, account, mode, ["STATIC", "10.0.0.1", "10.1.0.1"])
    }

    fn with(host: &str, account: &str, mode: &str, [resolution, one, two]: [&str; 3]) -> Vec<&'static str> {
        let found = open(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: cross-network, namespace: istio-system }}\n\
             spec: {{ selector: {{ istio: eastwestgateway }}, servers: [{{ port: {{ number: 15443, name: tls, protocol: TLS }}, \
             tls: {{ mode: {mode} }}, hosts: ['*.local'] }}] }}\n---\n\
             apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{ name: ledger }}\n\
             spec:\n  hosts: [{host}]\n  location: MESH_INTERNAL\n  resolution: {resolution}\n\
             \x20 ports: [{{ number: 8080, name: http, protocol: HTTP }}]\n\
             \x20 endpoints:\n  - {{ address: {one}, network: network1, serviceAccount: ledger }}\n\
             \x20 - {{ address: {two}, network: network2{account} }}\n"
        ));
        found.into_iter().filter(|code| *code == "MS0822").collect()
    }

    const ACCOUNT: &str = ", serviceAccount: ledger";

    #[test]
    fn warns_about_an_unreachable_endpoint() {
        assert_eq!(codes("ledger.mesh.local", "", "AUTO_PASSTHROUGH"), ["MS0822"]);
        assert_eq!(codes("ledger.global", ACCOUNT, "AUTO_PASSTHROUGH"), ["MS0822"]);
    }

    #[test]
    fn warns_about_dns_names_of_endpoints_in_several_networks() {
        let names = ["DNS", "a.example.com", "b.example.com"];
        assert_eq!(with("ledger.mesh.local", ACCOUNT, "AUTO_PASSTHROUGH", names), ["MS0822"]);
        assert_eq!(with("ledger.mesh.local", ACCOUNT, "PASSTHROUGH", names), [""; 0], "nothing leads between networks");
    }

    #[test]
    fn accepts_endpoints_with_mutual_tls_and_a_host_that_the_gateway_forwards() {
        assert_eq!(codes("ledger.mesh.local", ACCOUNT, "AUTO_PASSTHROUGH"), [""; 0]);
        assert_eq!(codes("ledger.mesh.local", ", labels: { security.istio.io/tlsMode: istio }", "AUTO_PASSTHROUGH"), [""; 0]);
        assert_eq!(codes("ledger.global", "", "PASSTHROUGH"), [""; 0]);
    }
}
