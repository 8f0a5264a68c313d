//! Two objects route the same host in the mesh, or open the same host on one gateway.
//!
//! For calls within the mesh Istio takes one `VirtualService` a host; which of
//! two is not defined, and the other has no effect. The same holds for two
//! `Gateway`s that open one host on one port of the same pods.
//!
//! Put the rules into one object. Routes that belong to different teams can be
//! delegated (`http[].delegate`) from one `VirtualService` at a gateway.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0109/>

use std::collections::HashMap;

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Item, Mesh, NETWORKING, items, texts};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let mut first: HashMap<_, &Item<'_>> = HashMap::new();
    for service in mesh.all(NETWORKING, "VirtualService") {
        let body = &service.object.body;
        let is_in_mesh = body.at("spec.gateways").is_none() || texts(body, "spec.gateways").any(|it| it == "mesh");
        if !is_in_mesh {
            continue;
        }
        // What is shown to its own namespace alone meets only what lies there.
        let is_private = texts(body, "spec.exportTo").any(|it| it == ".");
        for (idx, host) in texts(body, "spec.hosts").enumerate() {
            let scope = if is_private { service.place.1 } else { "" };
            let key = (service.place.0, scope, mesh.key(host, service.place.1));
            let other = *first.entry(key).or_insert(service);
            if other.id != service.id {
                let message = format!("{} routes host `{host}`, which another object routes too", called(service.object));
                out.push(clash(mesh, service, other, message, format!("spec.hosts[{idx}]")));
            }
        }
    }
    let mut first: HashMap<_, &Item<'_>> = HashMap::new();
    for gateway in mesh.all(NETWORKING, "Gateway") {
        let Some(selector) = gateway.object.body.at("spec.selector").and_then(Data::as_map) else { continue };
        let mut labels: Vec<_> = selector.iter().map(|(key, value)| format!("{key}={}", value.to_text())).collect();
        labels.sort();
        let labels = labels.join(",");
        for (path, server) in items(gateway.object.body.at("spec.servers"), "spec.servers") {
            let Some(port) = server.at("port.number").and_then(Data::as_int) else { continue };
            for (path, host) in items(server.at("hosts"), &format!("{path}.hosts")) {
                let Some(host) = host.as_str() else { continue };
                let bare = host.split_once('/').map_or(host, |(_, host)| host);
                let other = *first.entry((gateway.place.0, labels.clone(), port, bare)).or_insert(gateway);
                if other.id != gateway.id {
                    let message =
                        format!("{} opens `{host}` on port {port}, which another Gateway of the same pods opens too", called(gateway.object));
                    out.push(clash(mesh, gateway, other, message, path));
                }
            }
        }
    }
}

fn clash(mesh: &Mesh<'_>, item: &Item<'_>, other: &Item<'_>, message: String, field: String) -> Diagnostic {
    let named = format!("the other is {} of namespace `{}`", called(other.object), other.place.1);
    mesh.model
        .error(item.id, "MS0810", message)
        .field(field)
        .note_at(named, mesh.model.node(other.id).at)
        .help("put the rules of both into one object")
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
    fn two_routes_of_one_host_in_the_mesh_are_an_error() {
        assert_eq!(open(&services("hosts: [orders.shop.svc.cluster.local]")), ["MS0810"]);
    }

    #[test]
    fn routes_at_a_gateway_are_merged() {
        assert_eq!(open(&services("hosts: [orders], gateways: [istio-ingress/public]")), [""; 0]);
    }

    #[test]
    fn two_gateways_that_open_one_host_are_an_error() {
        let gateway = |name: &str, host: &str| {
            format!(
                "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{ name: {name} }}\n\
                 spec: {{ selector: {{ istio: ingress }}, servers: [{{ port: {{ number: 80, name: http, protocol: HTTP }}, hosts: [{host}] }}] }}\n"
            )
        };
        assert_eq!(open(&(gateway("a", "a.example.com") + &gateway("b", "a.example.com"))), ["MS0810"]);
        assert_eq!(open(&(gateway("a", "a.example.com") + &gateway("b", "b.example.com"))), [""; 0]);
    }
}
