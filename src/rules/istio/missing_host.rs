//! A route or a rule refers to a host that is not in the mesh.
//!
//! # What it reports
//!
//! The rule checks hosts of a `VirtualService`, `DestinationRule`, `Sidecar` and of routes of the Gateway API:
//!
//! - A service that its namespace does not have is an error. If manifests do not contain the complete namespace, it is
//!   a note.
//! - A host outside the cluster without a `ServiceEntry` is an error only in complete input.
//! - A service or `ServiceEntry` that is not exported (`exportTo`) to the namespace of the route is an error.
//! - A missing backend with the weight 0 is a warning.
//!
//! # Why it matters
//!
//! Istio accepts the object. A route to the host returns status 503 or 404, and a `DestinationRule` for it has no
//! effect. The mistake appears only when a client sends a request.
//!
//! # Fix
//!
//! Correct the name, or write the namespace (`orders.shop.svc.cluster.local`). Short names refer to the namespace of
//! the object that contains them, not to that of the gateway or the caller. Otherwise, define the `Service`, or a
//! `ServiceEntry` for a host outside the cluster.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0174/>

use crate::diag::{Diagnostic, Severity};
use crate::val::Data;
use crate::rules::index::{GATEWAY_API, Host, Item, Mesh, NETWORKING, Presence, items, texts};
use crate::rules::index::pods::called;
use crate::rules::index::near::meant;
use crate::rules::index::routes;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for item in mesh.all(NETWORKING, "VirtualService") {
        for destination in routes::destinations(item.object) {
            judge_target(mesh, item, destination.host, format!("{}.host", destination.path), out);
        }
        let is_in_mesh = item.object.body.at("spec.gateways").is_none()
            || texts(&item.object.body, "spec.gateways").any(|gateway| gateway == "mesh");
        if is_in_mesh {
            for (idx, host) in texts(&item.object.body, "spec.hosts").enumerate() {
                // Callers may use any name for a host outside the cluster.
                let is_service = matches!(mesh.host(host, item.place.1), Host::Service { .. });
                // The check of destinations already reports this host.
                let key = mesh.key(host, item.place.1);
                let is_told = || routes::destinations(item.object).iter().any(|it| mesh.key(it.host, item.place.1) == key);
                if is_service && !is_told() {
                    judge(mesh, item, host, format!("spec.hosts[{idx}]"), out);
                }
            }
        }
    }
    for item in mesh.all(NETWORKING, "DestinationRule") {
        if let Some(host) = item.object.body.at("spec.host").and_then(Data::as_str) {
            judge_target(mesh, item, host, "spec.host".to_owned(), out);
        }
    }
    for item in mesh.all(NETWORKING, "Sidecar") {
        for (path, egress) in items(item.object.body.at("spec.egress"), "spec.egress") {
            for (path, host) in items(egress.at("hosts"), &format!("{path}.hosts")) {
                let Some((namespace, host)) = host.as_str().and_then(|host| host.split_once('/')) else { continue };
                let is_exact = !matches!(namespace, "*" | "~") && host.contains('.');
                // An additional host is harmless. Only a wrong name in a namespace with known services is a mistake.
                let is_near = match mesh.host(host, item.place.1) {
                    Host::Service { namespace, .. } => !mesh.services_in((item.place.0, namespace)).is_empty(),
                    _ => true,
                };
                if is_exact && is_near {
                    judge(mesh, item, host, path, out);
                }
            }
        }
    }
    for kind in routes::ROUTES {
        for item in mesh.all(GATEWAY_API, kind) {
            for backend in routes::backends(item.object) {
                let text = |key: &str| backend.data.at(key).and_then(Data::as_str);
                let Some(name) = text("name") else { continue };
                let namespace = text("namespace").unwrap_or(item.place.1);
                let place = (item.place.0, namespace);
                if !mesh.services(namespace, name).is_empty() {
                    continue;
                }
                let found = missing(mesh, item, &format!("{name}.{namespace}"), format!("{}.name", backend.path));
                if mesh.is_whole(place) {
                    // A backend with the weight 0 gets no requests yet.
                    let is_idle = backend.data.at("weight").and_then(Data::as_int) == Some(0);
                    out.push(if is_idle { found.severity(Severity::Warning) } else { found });
                } else if mesh.is_open_at(place) {
                    out.push(elsewhere(found));
                }
            }
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, item: &Item<'a>, host: &'a str, path: String, out: &mut Vec<Diagnostic>) {
    if mesh.has_host(host, item.place) == Presence::Missing {
        out.push(missing(mesh, item, host, path));
    }
}

/// Checks a destination host: it must exist and be exported to the namespace of the route.
fn judge_target<'a>(mesh: &Mesh<'a>, item: &Item<'a>, host: &'a str, path: String, out: &mut Vec<Diagnostic>) {
    if let Some(defined) = mesh.hidden(host, item) {
        let message = format!("{} refers to the host `{host}`, which is not exported to its namespace", called(item.object));
        out.push(
            mesh.model
                .error(item.id, "MS0802", message)
                .field(path)
                .note_at(format!("{} of namespace `{}` sets `exportTo`", called(defined.object), defined.place.1), mesh.model.node(defined.id).at)
                .help("add the namespace to its `exportTo`"),
        );
        return;
    }
    match mesh.has_host(host, item.place) {
        Presence::Here => {}
        Presence::Missing => out.push(missing(mesh, item, host, path)),
        Presence::Unknown if host.contains('*') || !is_open(mesh, item, host) => {}
        Presence::Unknown => out.push(elsewhere(missing(mesh, item, host, path))),
    }
}

/// Changes a finding to a note, for a host that incomplete input may omit.
fn elsewhere(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.severity(Severity::Note).note("it may be defined outside of the given files; with `--complete`, this is an error")
}

/// Whether the input may omit the host.
fn is_open(mesh: &Mesh<'_>, item: &Item<'_>, host: &str) -> bool {
    match mesh.host(host, item.place.1) {
        Host::Service { namespace, .. } => mesh.is_open_at((item.place.0, namespace)),
        _ => mesh.is_open_at(item.place),
    }
}

fn missing(mesh: &Mesh<'_>, item: &Item<'_>, host: &str, path: String) -> Diagnostic {
    let message = format!("{} refers to the host `{host}`, which no service or service entry defines", called(item.object));
    let help = match mesh.host(host, item.place.1) {
        Host::Service { namespace, name } => {
            let beside = mesh.services_in((item.place.0, namespace)).iter().map(|it| it.object.name.as_str());
            let others: Vec<&str> = mesh.namespaces_with(name);
            match (meant(name, beside), others.first()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, Some(other)) => format!("namespace `{other}` has a service of this name: write `{name}.{other}.svc.cluster.local`"),
                (None, None) => format!("define the service `{name}` in namespace `{namespace}`, or correct the name"),
            }
        }
        _ => "define a `ServiceEntry` for the host, or correct the name".to_owned(),
    };
    mesh.model.error(item.id, "MS0802", message).field(path).help(help)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{closed, fields, noted, open, with_orders};

    fn route(host: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{ name: orders }}\n\
             spec: {{ hosts: [orders], http: [{{ route: [{{ destination: {{ host: {host} }} }}] }}] }}\n"
        ))
    }

    #[test]
    fn reports_a_route_to_a_missing_service() {
        assert_eq!(open(&route("order")), ["MS0802"]);
        assert_eq!(open(&route("orders.shop.svc.cluster.local")), [""; 0]);
        assert_eq!(fields(&route("order")), ["spec.http[0].route[0].destination.host"]);
    }

    #[test]
    fn notes_a_service_that_may_exist_elsewhere() {
        assert_eq!(noted(&route("orders.other.svc.cluster.local")), ["MS0802"]);
        assert_eq!(noted(&route("api.example.com")), ["MS0802"]);
        assert_eq!(noted(&route("order")), [""; 0]);
    }

    #[test]
    fn reports_a_host_that_is_not_exported_to_the_route() {
        let entry = |exports: &str| {
            "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: api, namespace: other }\n\
             spec: { hosts: [api.example.com], exportTo: [EXPORTS], resolution: DNS, ports: [{ name: https, number: 443, protocol: TLS }] }\n"
                .replace("EXPORTS", exports)
        };
        assert_eq!(open(&(route("api.example.com") + &entry("."))), ["MS0802"]);
        assert_eq!(open(&(route("api.example.com") + &entry("shop"))), [""; 0]);
        assert_eq!(open(&(route("api.example.com") + &entry("'*'"))), [""; 0]);
    }

    #[test]
    fn requires_service_entries_in_complete_manifests() {
        let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
        let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: api }\n\
                     spec: { hosts: [api.example.com], resolution: DNS, ports: [{ name: https, number: 443, protocol: TLS }] }\n";
        assert_eq!(closed(&(route("api.example.com") + namespace)), ["MS0802"]);
        assert_eq!(closed(&(route("api.example.com") + namespace + entry)), [""; 0]);
    }

    #[test]
    fn reports_rules_and_routes_without_a_service() {
        let rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: a }\nspec: { host: order }\n";
        assert_eq!(open(&with_orders(rule)), ["MS0802"]);
        let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: a }\n\
                     spec: { rules: [{ backendRefs: [{ name: order, port: 8080 }] }] }\n";
        assert_eq!(open(&with_orders(route)), ["MS0802"]);
    }
}
