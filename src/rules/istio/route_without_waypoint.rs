//! A route or rule is for a service of an ambient mesh, but no waypoint applies it.
//!
//! # What it reports
//!
//! A `VirtualService`, a `DestinationRule` or a route of the Gateway API is for a service in ambient mode without a
//! waypoint. The rule also reports an object that is neither in the namespace of the service nor in that of its
//! waypoint. The finding is a warning. A `DestinationRule` for a service that a gateway uses is not reported, because
//! the gateway applies it.
//!
//! # Why it matters
//!
//! Callers in ambient mode have no proxy that applies routes. A waypoint applies them if the label
//! `istio.io/use-waypoint` of the service or its namespace names one. A waypoint reads only objects in the namespace of
//! the service and in its own namespace.
//!
//! # Fix
//!
//! Add the label `istio.io/use-waypoint` to the service or its namespace, and define the object in the namespace of the
//! service.
//!
//! Source: <https://istio.io/latest/docs/ambient/usage/waypoint/#use-a-waypoint-proxy>,
//! <https://istio.io/latest/docs/ambient/usage/l7-features/>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::called;
use crate::rules::index::routes::{self, Protocol};
use crate::rules::index::{CORE, GATEWAY_API, Host, Item, Mesh, NETWORKING, items, texts};
use crate::tree::NodeId;
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    if !mesh.all(CORE, "Namespace").iter().any(|it| mesh.is_ambient((it.place.0, it.object.name.as_str()))) {
        return;
    }
    for route in mesh.all(NETWORKING, "VirtualService") {
        let body = &route.object.body;
        let is_in_mesh = body.at("spec.gateways").is_none() || texts(body, "spec.gateways").any(|it| it == "mesh");
        let reads_requests = [Protocol::Http, Protocol::Tls].into_iter().any(|it| body.at(it.field()).is_some());
        if is_in_mesh && reads_requests {
            for (path, host) in items(body.at("spec.hosts"), "spec.hosts") {
                let service = host.as_str().and_then(|host| service(mesh, route, host));
                out.extend(service.and_then(|service| judge(mesh, route, &service, path)));
            }
        }
    }
    let at_gateways = at_gateways(mesh);
    for rule in mesh.all(NETWORKING, "DestinationRule") {
        let host = rule.object.body.at("spec.host").and_then(Data::as_str);
        let Some(service) = host.and_then(|host| service(mesh, rule, host)) else { continue };
        // The proxies of gateways apply the rule.
        if rule.place.1 != ROOT && !at_gateways.contains(&service.id) {
            out.extend(judge(mesh, rule, &service, "spec.host".to_owned()));
        }
    }
    for route in routes::ROUTES.into_iter().flat_map(|kind| mesh.all(GATEWAY_API, kind)) {
        for (path, parent) in items(route.object.body.at("spec.parentRefs"), "spec.parentRefs") {
            let text = |key: &str| parent.at(key).and_then(Data::as_str);
            let namespace = text("namespace").unwrap_or(route.place.1);
            let Some(name) = text("name").filter(|_| text("kind") == Some("Service")) else { continue };
            let service = mesh.find(CORE, "Service", (route.place.0, namespace), name);
            out.extend(service.filter(|it| mesh.is_ambient(it.place)).and_then(|it| judge(mesh, route, &it, path)));
        }
    }
}

/// Returns the service of an ambient namespace with this host.
fn service<'a>(mesh: &Mesh<'a>, item: &Item<'a>, host: &str) -> Option<Item<'a>> {
    let Host::Service { namespace, name } = mesh.host(host, item.place.1) else { return None };
    let all = mesh.all(CORE, "Service").iter();
    let is_meant = |it: &&Item<'a>| it.place == (item.place.0, namespace) && it.object.name == name;
    all.copied().find(|it| is_meant(&it)).filter(|it| mesh.is_ambient(it.place))
}

/// Returns the services that gateways use as destinations.
fn at_gateways(mesh: &Mesh<'_>) -> FastSet<NodeId> {
    let mut found = FastSet::default();
    for route in mesh.all(NETWORKING, "VirtualService") {
        if texts(&route.object.body, "spec.gateways").any(|gateway| gateway != "mesh") {
            let hosts = routes::destinations(route.object);
            found.extend(hosts.iter().filter_map(|it| service(mesh, route, it.host)).map(|service| service.id));
        }
    }
    for route in routes::ROUTES.into_iter().flat_map(|kind| mesh.all(GATEWAY_API, kind)) {
        let is_gateway = |(_, parent): (String, &Data)| parent.at("kind").is_none_or(|kind| kind.as_str() == Some("Gateway"));
        if items(route.object.body.at("spec.parentRefs"), "").any(is_gateway) {
            for backend in routes::backends(route.object) {
                let text = |key: &str| backend.data.at(key).and_then(Data::as_str);
                let place = (route.place.0, text("namespace").unwrap_or(route.place.1));
                found.extend(text("name").and_then(|name| mesh.find(CORE, "Service", place, name)).map(|it| it.id));
            }
        }
    }
    found
}

fn judge<'a>(mesh: &Mesh<'a>, item: &Item<'a>, service: &Item<'a>, path: String) -> Option<Diagnostic> {
    let (name, of) = (called(item.object), called(service.object));
    let (message, help) = match mesh.waypoint_of(service) {
        None => (
            format!("{name} has no effect on callers in ambient mode: calls to {of} do not pass a waypoint"),
            "label the service or its namespace with `istio.io/use-waypoint`".to_owned(),
        ),
        Some(waypoint) if ![service.place.1, waypoint.namespace].contains(&item.place.1) => (
            format!("{name} has no effect on callers in ambient mode: the waypoint of {of} does not use routes of namespace `{}`", item.place.1),
            format!("define the route in namespace `{}`", service.place.1),
        ),
        Some(_) => return None,
    };
    let diagnostic = mesh.model.warning(item.id, "MS0862", message).field(path).help(help);
    Some(diagnostic.note_at("the service is defined here", mesh.model.node(service.id).at))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, warned, with_orders};

    fn in_ambient(labels: &str, more: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio.io/dataplane-mode: ambient{labels} }} }}\n---\n{more}"
        ))
    }

    fn route(namespace: &str) -> String {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders, namespace: {namespace} }}\n\
             spec: {{ hosts: [orders.shop.svc.cluster.local], http: [{{ timeout: 1s, route: [{{ destination: {{ host: orders.shop.svc.cluster.local }} }}] }}] }}\n"
        )
    }

    const RULE: &str = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: orders }\n\
        spec: { host: orders, trafficPolicy: { connectionPool: { http: { http1MaxPendingRequests: 1 } } } }\n";
    const ENROLLED: &str = ", istio.io/use-waypoint: waypoint";

    #[test]
    fn warns_about_a_route_without_a_waypoint() {
        let faulty = in_ambient("", &route("shop"));
        assert_eq!(warned(&faulty), ["MS0862"]);
        assert_eq!(fields(&faulty), ["spec.hosts[0]"]);
        assert_eq!(warned(&in_ambient("", RULE)), ["MS0862"]);
        assert!(warned(&in_ambient(ENROLLED, &route("other"))).contains(&"MS0862"));
    }

    #[test]
    fn accepts_a_route_in_the_namespace_of_the_service() {
        assert!(!warned(&in_ambient(ENROLLED, &format!("{}---\n{RULE}", route("shop")))).contains(&"MS0862"));
    }

    #[test]
    fn accepts_a_rule_for_a_host_that_a_gateway_route_uses() {
        let route = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: orders }\n\
            spec: { parentRefs: [{ name: public }], rules: [{ backendRefs: [{ name: orders, port: 8080 }] }] }\n";
        assert_eq!(warned(&in_ambient("", &format!("{RULE}{route}"))), [""; 0]);
    }
}
