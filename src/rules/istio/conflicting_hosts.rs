//! Two objects define routes for the same host in the mesh, or serve the same host on the same gateway pods.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - two `VirtualService` objects that route the same host for calls within the mesh, if their `exportTo` has a common
//!   namespace
//! - two `Gateway` objects that serve the same host on the same port of the same pods
//!
//! Routes that apply only at a gateway are not reported, because Istio merges them.
//!
//! # Why it matters
//!
//! For calls within the mesh, Istio uses one `VirtualService` for each host. Istio does not define which of two it
//! uses, and the other has no effect. The same applies to a host of two `Gateway` objects.
//!
//! # Fix
//!
//! Put the rules into one object. If the routes belong to different teams, one `VirtualService` at a gateway can
//! delegate to the others (`http[].delegate`).
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0109/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0145/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::exports::Exports;
use crate::rules::index::pods::called;
use crate::rules::index::{Item, Mesh, NETWORKING, has_labels, items, texts};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    routed(mesh, out);
    opened(mesh, out);
}

/// A `VirtualService` and the namespaces that it is exported to.
type Routed<'a> = (Item<'a>, Exports<'a>);

/// Reports hosts that several objects route for calls within the mesh.
fn routed(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut by_host: FastMap<(Option<NodeId>, String), Vec<Routed<'_>>> = FastMap::default();
    let services = || mesh.all(NETWORKING, "VirtualService").iter().filter(|service| is_in_mesh(service));
    for service in services() {
        for host in texts(&service.object.body, "spec.hosts") {
            let key = (service.place.0, mesh.key(host, service.place.1));
            by_host.entry(key).or_default().push((*service, Exports::of(service)));
        }
    }
    for service in services() {
        let own = Exports::of(service);
        for (idx, host) in texts(&service.object.body, "spec.hosts").enumerate() {
            let beside = by_host.get(&(service.place.0, mesh.key(host, service.place.1))).into_iter().flatten();
            // Objects without a common namespace do not conflict.
            let other = beside.clone().find(|(other, exports)| !other.is_same(service) && exports.meet(&own));
            if let Some((other, _)) = other {
                let message = format!("{} routes the host `{host}`, which another object also routes", called(service.object));
                out.push(clash(mesh, service, other, message, format!("spec.hosts[{idx}]")));
            }
        }
    }
}

/// Whether a `VirtualService` applies to calls within the mesh.
fn is_in_mesh(service: &Item<'_>) -> bool {
    let body = &service.object.body;
    body.at("spec.gateways").is_none() || texts(body, "spec.gateways").any(|it| it == "mesh")
}

/// A host that a server of a `Gateway` opens.
struct Opened<'a> {
    gateway: Item<'a>,
    selector: &'a Bag,
    port: i64,
    host: &'a str,
    /// The namespace of the routes that may use it, or `*` for all namespaces.
    namespace: &'a str,
    bind: Option<&'a str>,
    path: String,
}

/// Reports hosts that several gateways of the same pods open on one port.
fn opened(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let all: Vec<Opened<'_>> = mesh.all(NETWORKING, "Gateway").iter().flat_map(hosts).collect();
    let mut by_host: FastMap<_, Vec<&Opened<'_>>> = FastMap::default();
    let key = |it: &Opened<'_>| (it.gateway.place.0, it.port, it.host.to_owned());
    for it in &all {
        by_host.entry(key(it)).or_default().push(it);
    }
    let mut told = None;
    for it in &all {
        let beside = by_host.get(&key(it)).into_iter().flatten();
        let is_other = |other: &&&Opened<'_>| {
            let namespaces = it.namespace == "*" || other.namespace == "*" || it.namespace == other.namespace;
            !other.gateway.is_same(&it.gateway) && namespaces && other.bind == it.bind && share_pods(mesh, it, other)
        };
        let Some(other) = beside.clone().find(is_other) else { continue };
        // Report each host and port of a gateway once, even if several servers repeat it.
        if told.replace((it.gateway.id, it.port, it.host)) == Some((it.gateway.id, it.port, it.host)) {
            continue;
        }
        let message = format!(
            "{} serves `{}` on port {}, which another Gateway with the same pods also serves",
            called(it.gateway.object),
            it.host,
            it.port
        );
        out.push(clash(mesh, &it.gateway, &other.gateway, message, it.path.clone()));
    }
}

fn hosts<'a>(gateway: &Item<'a>) -> Vec<Opened<'a>> {
    let mut found = Vec::new();
    let body = &gateway.object.body;
    let Some(selector) = body.at("spec.selector").and_then(Data::as_map) else { return found };
    for (path, server) in items(body.at("spec.servers"), "spec.servers") {
        let Some(port) = server.at("port.number").and_then(Data::as_int) else { continue };
        let bind = server.at("bind").and_then(Data::as_str);
        for (path, host) in items(server.at("hosts"), &format!("{path}.hosts")) {
            let Some(host) = host.as_str() else { continue };
            let (namespace, host) = host.split_once('/').unwrap_or(("*", host));
            let namespace = if namespace == "." { gateway.place.1 } else { namespace };
            found.push(Opened { gateway: *gateway, selector, port, host, namespace, bind, path });
        }
    }
    found
}

/// Whether two gateways select the same pods: their labels are equal, or some pods have the labels of both.
fn share_pods<'a>(mesh: &Mesh<'a>, one: &Opened<'a>, other: &Opened<'a>) -> bool {
    let is_same = one.selector.len() == other.selector.len() && has_labels(one.selector, other.selector);
    let selected = || mesh.pods.selected_anywhere(one.gateway.place.0, one.selector).unwrap_or_default();
    is_same || selected().iter().any(|pods| pods.has_labels(other.selector))
}

fn clash(mesh: &Mesh<'_>, item: &Item<'_>, other: &Item<'_>, message: String, field: String) -> Diagnostic {
    let named = format!("{} of namespace `{}` is the other object", called(other.object), other.place.1);
    mesh.model
        .error(item.id, "MS0810", message)
        .field(field)
        .note_at(named, mesh.model.node(other.id).at)
        .help("define the rules of both in one object")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn services(second: &str) -> String {
        let service = |name: &str, rest: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: {name} }}\n\
                 spec: {{ {rest}, http: [{{ route: [{{ destination: {{ host: orders }} }}] }}] }}\n"
            )
        };
        with_orders(&(service("a", "hosts: [orders]") + &service("b", second)))
    }

    #[test]
    fn reports_two_mesh_routes_for_the_same_host() {
        assert_eq!(open(&services("hosts: [orders.shop.svc.cluster.local]")), ["MS0810", "MS0810"]);
    }

    #[test]
    fn accepts_routes_without_a_common_namespace() {
        assert_eq!(open(&services("hosts: [orders], exportTo: [other]")), ["MS0810", "MS0810"]);
        let route = |name: &str, namespace: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: {name}, namespace: {namespace} }}\n\
                 spec: {{ hosts: [api.example.com], exportTo: ['.'], http: [{{ redirect: {{ uri: / }} }}] }}\n"
            )
        };
        assert_eq!(open(&(route("a", "shop") + &route("b", "other"))), [""; 0]);
        assert_eq!(open(&(route("a", "shop") + &route("b", "shop"))), ["MS0810", "MS0810"]);
    }

    #[test]
    fn accepts_two_gateway_routes_because_istio_merges_them() {
        assert_eq!(open(&services("hosts: [orders], gateways: [istio-ingress/public]")), [""; 0]);
    }

    #[test]
    fn reports_two_gateways_that_serve_the_same_host() {
        let gateway = |name: &str, host: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: {name} }}\n\
                 spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 80, name: http, protocol: HTTP }}, hosts: [{host}] }}] }}\n"
            )
        };
        assert_eq!(open(&(gateway("a", "a.example.com") + &gateway("b", "a.example.com"))), ["MS0810", "MS0810"]);
        assert_eq!(open(&(gateway("a", "a/a.example.com") + &gateway("b", "b/a.example.com"))), [""; 0]);
        assert_eq!(open(&(gateway("a", "a.example.com") + &gateway("b", "b.example.com"))), [""; 0]);
    }
}
