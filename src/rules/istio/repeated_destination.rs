//! A route contains the same destination twice.
//!
//! # What it reports
//!
//! Two destinations of one route have the same host, subset, port and headers. The finding is a warning.
//!
//! # Why it matters
//!
//! The weights of both destinations are added: 80, 10 and 10 become 80 and 20. Usually, the second one should be
//! another subset, which now gets no requests.
//!
//! # Fix
//!
//! Write the other subset, or add both weights in one destination.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination>,
//! <https://kiali.io/docs/features/validations/#kia1105---this-host-subset-combination-is-already-referenced-in-another-route-destination>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::routes::Protocol;
use crate::rules::index::{Item, Mesh, NETWORKING, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        for protocol in Protocol::ALL {
            for (path, rule) in items(service.object.body.at(protocol.field()), protocol.field()) {
                let route = rule.at("route").map(Data::items).unwrap_or_default();
                for (idx, to) in route.iter().enumerate() {
                    if let Some(first) = route[..idx].iter().position(|other| is_same(mesh, service, other, to)) {
                        out.push(repeated(mesh, service, to, &format!("{path}.route"), (first, idx)));
                    }
                }
            }
        }
    }
}

/// Whether two destinations are equal, including the headers that they set.
fn is_same(mesh: &Mesh<'_>, service: &Item<'_>, one: &Data, other: &Data) -> bool {
    let host = |to: &Data| to.at("destination.host").and_then(Data::as_str).map(|host| mesh.key(host, service.place.1));
    let is_equal = |path: &str| one.at(path) == other.at(path);
    host(one).is_some() && host(one) == host(other) && ["destination.subset", "destination.port", "headers"].into_iter().all(is_equal)
}

fn repeated(mesh: &Mesh<'_>, service: &Item<'_>, to: &Data, path: &str, (first, idx): (usize, usize)) -> Diagnostic {
    let text = |path: &str| to.at(path).map(Data::to_text);
    let of = text("destination.subset").map(|subset| format!("subset `{subset}` of ")).unwrap_or_default();
    let host = text("destination.host").unwrap_or_default();
    mesh.model
        .warning(service.id, "MS0860", format!("a route of {} has the destination {of}`{host}` twice", called(service.object)))
        .field(format!("{path}[{idx}].destination"))
        .note(format!("`{path}[{first}]` is the same destination"))
        .help("use another subset, or combine both weights in one destination")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, warned};

    fn route(second: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: a }}\n\
             spec: {{ hosts: [shop.example.com], http: [{{ route: [\n\
             {{ destination: {{ host: a.example.com, port: {{ number: 80 }} }}, weight: 90 }},\n\
             {{ destination: {{ host: {second}, weight: 10 }}\n\
             ] }}] }}\n---\n\
             apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{ name: a }}\n\
             spec: {{ hosts: [a.example.com, b.example.com], resolution: DNS, ports: [{{ number: 80, name: http, protocol: HTTP }}, {{ number: 81, name: http-b, protocol: HTTP }}] }}\n"
        )
    }

    #[test]
    fn warns_about_the_same_destination_twice() {
        let twice = route("a.example.com, port: { number: 80 } }");
        assert_eq!(warned(&twice), ["MS0860"]);
        assert_eq!(fields(&twice), ["spec.http[0].route[1].destination"]);
    }

    #[test]
    fn accepts_destinations_with_different_hosts_ports_or_headers() {
        assert_eq!(warned(&route("b.example.com, port: { number: 80 } }")), [""; 0]);
        assert_eq!(warned(&route("a.example.com, port: { number: 81 } }")), [""; 0]);
        assert_eq!(warned(&route("a.example.com, port: { number: 80 } }, headers: { request: { set: { x-canary: 'true' } } }")), [""; 0]);
    }
}
