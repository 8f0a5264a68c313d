//! A route refers to a gateway that is not defined, or to a host that the gateway does not serve.
//!
//! The gateway never learns of the route: callers get 404. A name without a
//! namespace means the namespace of the route, and the gateway is mostly in
//! another one: `istio-ingress/public`.
//!
//! A gateway serves only the hosts of its servers (or listeners); a route for
//! another host is left out without a word.
//!
//! Correct the name, or add the host to the gateway.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0132/>

use crate::diag::Diagnostic;
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::{GATEWAY_API, Item, Mesh, NETWORKING, Presence, items, named, texts};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(NETWORKING, "VirtualService") {
        let mut gateways = Vec::new();
        for (path, gateway) in items(service.object.body.at("spec.gateways"), "spec.gateways") {
            let Some(gateway) = gateway.as_str().filter(|name| *name != "mesh") else { continue };
            let (namespace, name) = gateway.split_once('/').unwrap_or((service.place.1, gateway));
            match mesh.find(NETWORKING, "Gateway", (service.place.0, namespace), name) {
                Some(found) => gateways.push(found),
                // Istio makes a gateway of its own of one of the Gateway API; what that serves is said elsewhere.
                None if mesh.find(GATEWAY_API, "Gateway", (service.place.0, namespace), name).is_some() => {
                    gateways.clear();
                    break;
                }
                None => {
                    gateways.clear();
                    let place = (service.place.0, namespace);
                    if mesh.has(NETWORKING, "Gateway", place, name) == Presence::Missing {
                        let near = mesh.near(NETWORKING, "Gateway", place, name);
                        out.push(mesh.unresolved(missing(mesh, service, gateway, path), near));
                    }
                    break;
                }
            }
        }
        unserved(mesh, service, &gateways, out);
    }
    for kind in routes::ROUTES {
        for route in mesh.all(GATEWAY_API, kind) {
            for (path, parent) in items(route.object.body.at("spec.parentRefs"), "spec.parentRefs") {
                of_parent(mesh, route, &path, parent, out);
            }
        }
    }
}

/// The hosts of a `VirtualService` that none of its gateways serves.
fn unserved<'a>(mesh: &Mesh<'a>, service: &Item<'a>, gateways: &[Item<'a>], out: &mut Vec<Diagnostic>) {
    if gateways.is_empty() {
        return;
    }
    let served: Vec<&str> = gateways
        .iter()
        .flat_map(|gateway| items(gateway.object.body.at("spec.servers"), ""))
        .flat_map(|(_, server)| server.at("hosts").map(Data::items).unwrap_or_default())
        .filter_map(Data::as_str)
        .map(|host| host.split_once('/').map_or(host, |(_, host)| host))
        .collect();
    let is_in_mesh = texts(&service.object.body, "spec.gateways").any(|gateway| gateway == "mesh");
    for (idx, host) in texts(&service.object.body, "spec.hosts").enumerate() {
        let is_for_the_mesh = is_in_mesh && (!host.contains('.') || host.ends_with(".svc.cluster.local"));
        if is_for_the_mesh || served.iter().any(|served| meet(served, host)) {
            continue;
        }
        let message = format!("{} routes host `{host}`, which its gateway does not serve", called(service.object));
        out.push(
            mesh.model
                .error(service.id, "MS0803", message)
                .field(format!("spec.hosts[{idx}]"))
                .note_at(format!("it serves {}", named(served.iter().copied())), at(mesh, gateways[0].id))
                .help("add the host to the servers of the gateway, or route a host that it serves"),
        );
    }
}

fn of_parent<'a>(mesh: &Mesh<'a>, route: &Item<'a>, path: &str, parent: &'a Data, out: &mut Vec<Diagnostic>) {
    let text = |key: &str| parent.at(key).and_then(Data::as_str);
    if text("kind").is_some_and(|kind| kind != "Gateway") {
        return;
    }
    let (Some(name), namespace) = (text("name"), text("namespace").unwrap_or(route.place.1)) else { return };
    let place = (route.place.0, namespace);
    let Some(gateway) = mesh.find(GATEWAY_API, "Gateway", place, name) else {
        // A namespace without any gateway may have it from elsewhere, such as a platform team.
        if mesh.has(GATEWAY_API, "Gateway", place, name) == Presence::Missing {
            let near = mesh.near(GATEWAY_API, "Gateway", place, name);
            out.push(mesh.unresolved(missing(mesh, route, name, format!("{path}.name")), near));
        }
        return;
    };
    let section = text("sectionName");
    let mut hosts = Vec::new();
    for (_, listener) in items(gateway.object.body.at("spec.listeners"), "") {
        let is_meant = section.is_none() || section == listener.at("name").and_then(Data::as_str);
        if is_meant {
            hosts.push(listener.at("hostname").and_then(Data::as_str).unwrap_or("*"));
        }
    }
    if let Some(section) = section.filter(|_| hosts.is_empty()) {
        let message = format!("{} refers to listener `{section}`, which {} does not have", called(route.object), called(gateway.object));
        out.push(
            mesh.model
                .error(route.id, "MS0803", message)
                .field(format!("{path}.sectionName"))
                .note_at("the gateway is defined here", at(mesh, gateway.id))
                .help("use one of its listeners, or remove `sectionName`"),
        );
        return;
    }
    let wanted: Vec<&str> = texts(&route.object.body, "spec.hostnames").collect();
    let meets = |wanted: &&str| hosts.iter().any(|host| meet(host, wanted));
    if !wanted.is_empty() && !wanted.iter().any(meets) {
        let message = format!("{} routes {}, which its gateway does not serve", called(route.object), named(wanted));
        out.push(
            mesh.model
                .error(route.id, "MS0803", message)
                .field("spec.hostnames")
                .note_at(format!("it serves {}", named(hosts)), at(mesh, gateway.id))
                .help("add a listener for the host, or route a host that one has"),
        );
    }
}

fn missing(mesh: &Mesh<'_>, route: &Item<'_>, gateway: &str, path: String) -> Diagnostic {
    let message = format!("{} refers to the gateway `{gateway}`, which is not defined", called(route.object));
    mesh.model.error(route.id, "MS0803", message).field(path).help("define the gateway, or correct the name")
}

/// Whether two hosts have a name in common; each may begin with a pattern.
pub(super) fn meet(one: &str, other: &str) -> bool {
    let ends = |pattern: &str, host: &str| {
        pattern.strip_prefix('*').is_some_and(|end| host.trim_start_matches('*').ends_with(end) || end.ends_with(host.trim_start_matches('*')) && host.starts_with('*'))
    };
    one == other || ends(one, other) || ends(other, one)
}

fn at(mesh: &Mesh<'_>, id: NodeId) -> crate::tree::At {
    mesh.model.node(id).at
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_gateway, with_orders};
    use super::meet;

    fn text(gateway: &str, host: &str) -> String {
        with_gateway(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: public, namespace: istio-ingress }}\n\
             spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 80, name: http, protocol: HTTP }}, hosts: ['*.example.com'] }}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ gateways: [{gateway}], hosts: [{host}], http: [{{ route: [{{ destination: {{ host: orders }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn a_gateway_that_is_not_there_is_an_error() {
        assert_eq!(open(&text("public", "api.example.com")), ["MS0803"]);
        assert_eq!(open(&text("istio-ingress/public", "api.example.com")), [""; 0]);
        assert_eq!(open(&text("other/public", "api.example.com")), [""; 0]);
    }

    #[test]
    fn a_host_that_the_gateway_does_not_serve_is_an_error() {
        assert_eq!(open(&text("istio-ingress/public", "api.example.org")), ["MS0803"]);
    }

    fn route(parent: &str, host: &str) -> String {
        with_orders(&format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{ name: public }}\n\
             spec: {{ gatewayClassName: istio, listeners: [{{ name: http, port: 80, protocol: HTTP, hostname: '*.example.com' }}] }}\n\
             ---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{ name: orders }}\n\
             spec: {{ parentRefs: [{parent}], hostnames: [{host}], rules: [{{ backendRefs: [{{ name: orders, port: 8080 }}] }}] }}\n"
        ))
    }

    #[test]
    fn routes_of_the_gateway_api_are_judged_alike() {
        assert_eq!(open(&route("{ name: public }", "api.example.com")), [""; 0]);
        assert_eq!(open(&route("{ name: publik }", "api.example.com")), ["MS0803"]);
        assert_eq!(open(&route("{ name: public, sectionName: https }", "api.example.com")), ["MS0803"]);
        assert_eq!(open(&route("{ name: public }", "api.example.org")), ["MS0803"]);
    }

    #[test]
    fn patterns_meet_what_ends_like_them() {
        assert!(meet("*", "api.example.com") && meet("*.example.com", "*.api.example.com"));
        assert!(!meet("*.example.com", "example.org") && !meet("a.example.com", "b.example.com"));
    }
}
