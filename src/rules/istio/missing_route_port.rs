//! A route has a port that its service does not have, or no port although the service has several.
//!
//! # What it reports
//!
//! The rule checks destinations of a `VirtualService` and backends of routes of the Gateway API that refer to a service
//! of the input.
//!
//! # Why it matters
//!
//! Without a port, Istio uses the port on which the request arrived. At a gateway this is 80 or 443, which the service
//! usually does not have. Callers get status 503 with the response flag `NC` or `NR`.
//!
//! # Fix
//!
//! Set `port.number` (in routes of the Gateway API, `port`) to a port of the `Service`, not of its containers.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0112/>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{GATEWAY_API, Host, Item, Mesh, NETWORKING};
use crate::rules::index::pods::called;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for item in mesh.all(NETWORKING, "VirtualService") {
        for destination in routes::destinations(item.object) {
            let Host::Service { namespace, name } = mesh.host(destination.host, item.place.1) else { continue };
            let port = destination.body.at("port.number");
            judge(mesh, item, mesh.services(namespace, name), port, (&destination.path, ".port.number"), out);
        }
    }
    for kind in routes::ROUTES {
        for item in mesh.all(GATEWAY_API, kind) {
            for backend in routes::backends(item.object) {
                let text = |key: &str| backend.data.at(key).and_then(Data::as_str);
                let Some(name) = text("name") else { continue };
                let services = mesh.services(text("namespace").unwrap_or(item.place.1), name);
                judge(mesh, item, services, backend.data.at("port"), (&backend.path, ".port"), out);
            }
        }
    }
}

fn judge(
    mesh: &Mesh<'_>,
    item: &Item<'_>,
    services: &[Item<'_>],
    port: Option<&Data>,
    (path, rest): (&str, &str),
    out: &mut Vec<Diagnostic>,
) {
    let Some(service) = services.first() else { return };
    let ports: Vec<i64> =
        routes::ports(service.object).iter().filter_map(|port| port.at("port").and_then(Data::as_int)).collect();
    let listed = ports.iter().map(|port| format!("`{port}`")).collect::<Vec<_>>().join(", ");
    let (message, field) = match port.and_then(Data::as_int) {
        Some(port) if !ports.is_empty() && !ports.contains(&port) => {
            (format!("{} routes to port `{port}`, which {} does not have", called(item.object), called(service.object)), rest)
        }
        None if port.is_none() && ports.len() > 1 => {
            (format!("{} routes to {} without a port, but the service has several ports", called(item.object), called(service.object)), "")
        }
        _ => return,
    };
    out.push(
        mesh.model
            .error(item.id, "MS0804", message)
            .field(format!("{path}{field}"))
            .note_at("the service is defined here", mesh.model.node(service.id).at)
            .help(format!("set the port to one of {listed}")),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn text(ports: &str, port: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{ name: orders }}\nspec: {{ ports: [{ports}] }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ route: [{{ destination: {{ host: orders{port} }} }}] }}] }}\n"
        )
    }

    const ONE: &str = "{ name: http, port: 8080 }";
    const TWO: &str = "{ name: http, port: 8080 }, { name: http-admin, port: 9090 }";

    #[test]
    fn reports_a_port_that_the_service_does_not_have() {
        assert_eq!(open(&text(ONE, ", port: { number: 80 }")), ["MS0804"]);
        assert_eq!(fields(&text(ONE, ", port: { number: 80 }")), ["spec.http[0].route[0].destination.port.number"]);
    }

    #[test]
    fn reports_a_route_without_a_port_to_a_service_with_several_ports() {
        assert_eq!(open(&text(TWO, "")), ["MS0804"]);
    }

    #[test]
    fn accepts_the_only_port_and_an_explicit_port_number() {
        assert_eq!(open(&text(ONE, "")), [""; 0]);
        assert_eq!(open(&text(TWO, ", port: { number: 9090 }")), [""; 0]);
    }
}
