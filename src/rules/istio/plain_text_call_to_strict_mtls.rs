//! A load balancer outside the mesh sends plain text to a workload that requires mutual TLS.
//!
//! # What it reports
//!
//! An Ingress with a class other than Istio, or a `Service` of type `LoadBalancer`, sends requests to pods with a proxy
//! and the mode `STRICT`. Gateways of the mesh are not reported. A declared call of a workload without a proxy is
//! reported as `MS1225`.
//!
//! # Why it matters
//!
//! With `STRICT`, the proxy of the workload rejects plain text connections. An Ingress of the AWS Load Balancer
//! Controller and the load balancer of a `Service` have no certificate of the mesh, so their connections are reset.
//!
//! # Fix
//!
//! Route external traffic through a gateway of the mesh, or make an exception for the port with `portLevelMtls`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/security/peer_authentication/>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::mutual_tls::{Mode, Policies};
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Item, Mesh, is_gateway, items};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let strict = Policies::of(mesh);
    if strict.is_empty() {
        return;
    }
    for ingress in mesh.all("networking.k8s.io", "Ingress") {
        let class = ingress.object.body.at("spec.ingressClassName").and_then(Data::as_str);
        if class.is_none_or(|class| class.contains("istio")) {
            continue;
        }
        for (path, rule) in items(ingress.object.body.at("spec.rules"), "spec.rules") {
            for (path, route) in items(rule.at("http.paths"), &format!("{path}.http.paths")) {
                let Some(name) = route.at("backend.service.name").and_then(Data::as_str) else { continue };
                let Some(service) = mesh.find(CORE, "Service", ingress.place, name) else { continue };
                let port = route.at("backend.service.port.number").and_then(Data::as_int);
                let field = format!("{path}.backend.service");
                from_outside(mesh, &strict, ingress, &service, (port, field), out);
            }
        }
    }
    for service in mesh.all(CORE, "Service") {
        let is_load_balancer = service.object.body.at("spec.type").and_then(Data::as_str) == Some("LoadBalancer");
        if is_load_balancer {
            from_outside(mesh, &strict, service, service, (None, "spec.type".to_owned()), out);
        }
    }
}

fn from_outside<'a>(
    mesh: &Mesh<'a>,
    strict: &Policies<'a>,
    by: &Item<'a>,
    service: &Item<'a>,
    (port, field): (Option<i64>, String),
    out: &mut Vec<Diagnostic>,
) {
    let Some(labels) = service.object.body.at("spec.selector").and_then(Data::as_map) else { return };
    let selected = mesh.pods.selected(service.place, labels).unwrap_or_default();
    let Some(pods) = selected.first().filter(|pods| !is_gateway(pods)) else { return };
    // Only pods that certainly have a proxy reject plain text connections.
    if mesh.in_mesh(pods) != Some(true) {
        return;
    }
    let target = port.and_then(|port| {
        let ports = service.object.body.at("spec.ports").map(Data::items).unwrap_or_default();
        let found = ports.iter().find(|it| it.at("port").and_then(Data::as_int) == Some(port))?;
        found.at("targetPort").and_then(Data::as_int).or(Some(port))
    });
    let Some((policy, Mode::Strict)) = strict.of_pods(mesh, pods, target) else { return };
    let message = format!("{} sends plain text to {}, which requires mutual TLS", called(by.object), called(pods.object));
    out.push(
        mesh.model
            .error(by.id, "MS0816", message)
            .field(field)
            .note_at(format!("{} requires it", called(policy.object)), mesh.model.node(policy.id).at)
            .help("route the call through a gateway of the mesh, or exempt the port with `portLevelMtls`"),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn text(mode: &str, injection: &str, class: &str) -> String {
        with_orders(&format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio-injection: {injection} }} }}\n\
             ---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{ name: default }}\n\
             spec: {{ mtls: {{ mode: {mode} }} }}\n\
             ---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: shop }}\n\
             spec: {{ ingressClassName: {class}, rules: [{{ http: {{ paths: [{{ path: /, pathType: Prefix, \
             backend: {{ service: {{ name: orders, port: {{ number: 8080 }} }} }} }}] }} }}] }}\n"
        ))
    }

    #[test]
    fn reports_a_load_balancer_in_front_of_strict_pods() {
        assert_eq!(open(&text("STRICT", "enabled", "alb")), ["MS0816"]);
    }

    #[test]
    fn accepts_permissive_pods_and_pods_outside_the_mesh() {
        assert_eq!(open(&text("PERMISSIVE", "enabled", "alb")), [""; 0]);
        assert_eq!(open(&text("STRICT", "disabled", "alb")), [""; 0]);
        assert_eq!(open(&text("STRICT", "enabled", "istio")), [""; 0]);
    }
}
