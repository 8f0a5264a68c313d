//! Requests through a gateway bypass the routes that select a subset of their service.
//!
//! # What it reports
//!
//! One `VirtualService` routes the host of a service to subsets, and another `VirtualService`, at a gateway, routes to
//! the service without a subset. The finding is a warning.
//!
//! # Why it matters
//!
//! Requests through the gateway use only the second object. Versions, weights and faults of the first object do not
//! apply to them.
//!
//! # Fix
//!
//! Specify the subset at the gateway, too. Alternatively, route the host of the service in both places: `gateways:
//! [mesh, istio-ingress/public]`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0140/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::routes::{self, Protocol};
use crate::rules::index::{Item, Mesh, NETWORKING, texts};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    // The services whose own route selects subsets.
    let mut by_host: FastMap<String, &Item<'_>> = FastMap::default();
    for service in mesh.all(NETWORKING, "VirtualService") {
        let own: Vec<String> = texts(&service.object.body, "spec.hosts").map(|host| mesh.key(host, service.place.1)).collect();
        for destination in routes::destinations(service.object) {
            let key = mesh.key(destination.host, service.place.1);
            if destination.body.get("subset").is_some() && destination.protocol == Protocol::Http && own.contains(&key) {
                by_host.entry(key).or_insert(service);
            }
        }
    }
    for service in mesh.all(NETWORKING, "VirtualService") {
        let is_at_gateway = texts(&service.object.body, "spec.gateways").any(|gateway| gateway != "mesh");
        if !is_at_gateway {
            continue;
        }
        for destination in routes::destinations(service.object) {
            let is_whole = destination.body.get("subset").is_none() && !destination.is_mirror;
            let other = by_host.get(&mesh.key(destination.host, service.place.1)).filter(|other| is_whole && other.id != service.id);
            let Some(other) = other else { continue };
            let message = format!(
                "{} routes to `{}` without a subset, so the subset routes of {} have no effect at its gateway",
                called(service.object),
                destination.host,
                called(other.object)
            );
            out.push(
                mesh.model
                    .warning(service.id, "MS0833", message)
                    .field(destination.path)
                    .note_at("the subsets are chosen here", mesh.model.node(other.id).at)
                    .help("set the subset in the route of the gateway as well"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{warned, with_gateway};

    fn routes(subset: &str) -> String {
        with_gateway(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: public }}\n\
             spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 80, name: http, protocol: HTTP }}, hosts: ['*'] }}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: public }}\n\
             spec: {{ hosts: [shop.example.com], gateways: [public], http: [{{ route: [{{ destination: {{ host: orders{subset} }} }}] }}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ route: [{{ destination: {{ host: orders, subset: v1 }} }}] }}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{ name: orders }}\n\
             spec: {{ host: orders, subsets: [{{ name: v1, labels: {{ version: v1 }} }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_a_gateway_route_without_a_subset() {
        assert_eq!(warned(&routes("")), ["MS0833"]);
    }

    #[test]
    fn accepts_a_subset_at_the_gateway() {
        assert_eq!(warned(&routes(", subset: v1")), [""; 0]);
    }
}
