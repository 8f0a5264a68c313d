//! A route of the Gateway API uses a Service of another namespace without a `ReferenceGrant`.
//!
//! # What it reports
//!
//! A backend of a route is in another namespace, and no `ReferenceGrant` there allows the kind and the namespace of the
//! route. In manifests, this is reported only if the Service is among them. A route whose parent is a Service needs no
//! grant, because its callers may call the other Service directly.
//!
//! # Why it matters
//!
//! The gateway does not accept the backend (`RefNotPermitted`), and requests get status 500.
//!
//! # Fix
//!
//! Define a `ReferenceGrant` in the namespace of the Service, from the kind and namespace of the route.
//!
//! Source: <https://gateway-api.sigs.k8s.io/api-types/referencegrant/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::routes;
use crate::rules::index::{GATEWAY_API, Item, Mesh};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for kind in routes::ROUTES {
        for route in mesh.all(GATEWAY_API, kind).iter().filter(|route| !routes::is_of_services(route.object)) {
            for backend in routes::backends(route.object) {
                let text = |key: &str| backend.data.at(key).and_then(Data::as_str);
                let (Some(name), Some(namespace)) = (text("name"), text("namespace")) else { continue };
                let place = (route.place.0, namespace);
                // If the Service is not in the manifests, its grant may be missing there, too.
                let is_told = !mesh.model.is_open || !mesh.services(namespace, name).is_empty();
                if namespace == route.place.1 || !is_told || is_granted(mesh, route, place.1, name) {
                    continue;
                }
                let message = format!("{} routes to the Service `{name}` of namespace `{namespace}`, which has no `ReferenceGrant` for the route", called(route.object));
                out.push(mesh.model.error(route.id, "MS0427", message).field(format!("{}.namespace", backend.path)).help(format!(
                    "define a `ReferenceGrant` in `{namespace}` from `{}` of namespace `{}` to `Service`",
                    route.object.kind, route.place.1
                )));
            }
        }
    }
}

fn is_granted(mesh: &Mesh<'_>, route: &Item<'_>, namespace: &str, service: &str) -> bool {
    let list = |grant: &Item<'_>, path: &str| grant.object.body.at(path).map(Data::items).unwrap_or_default().to_vec();
    let grants = |grant: &Item<'_>| {
        let text = |data: &Data, key: &str| data.at(key).and_then(Data::as_str).map(str::to_owned);
        let is_from = |from: &Data| {
            text(from, "kind").as_deref() == Some(&*route.object.kind) && text(from, "namespace").as_deref() == Some(route.place.1)
        };
        let is_to = |to: &Data| {
            text(to, "kind").as_deref() == Some("Service") && text(to, "name").is_none_or(|name| name.is_empty() || name == service)
        };
        grant.place == (route.place.0, namespace)
            && list(grant, "spec.from").iter().any(is_from)
            && list(grant, "spec.to").iter().any(is_to)
    };
    mesh.all(GATEWAY_API, "ReferenceGrant").iter().any(grants)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn route(grant: &str) -> String {
        with_orders(&format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{ name: orders, namespace: edge }}\n\
             spec: {{ rules: [{{ backendRefs: [{{ name: orders, namespace: shop, port: 8080 }}] }}] }}\n{grant}"
        ))
    }

    fn grant(namespace: &str) -> String {
        format!(
            "---\napiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {{ name: edge, namespace: shop }}\n\
             spec: {{ from: [{{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: {namespace} }}], to: [{{ group: '', kind: Service }}] }}\n"
        )
    }

    #[test]
    fn reports_a_route_to_another_namespace_without_a_grant() {
        assert_eq!(open(&route("")), ["MS0427"]);
        assert_eq!(open(&route(&grant("other"))), ["MS0427"]);
    }

    #[test]
    fn a_route_of_a_service_in_the_mesh_needs_no_grant() {
        let parents = "spec: { parentRefs: [{ group: '', kind: Service, name: orders, namespace: shop, port: 8080 }], ";
        assert_eq!(open(&route("").replace("spec: { rules", &format!("{parents}rules"))), [""; 0]);
    }

    #[test]
    fn accepts_a_route_that_is_granted() {
        assert_eq!(open(&route(&grant("edge"))), [""; 0]);
    }
}
