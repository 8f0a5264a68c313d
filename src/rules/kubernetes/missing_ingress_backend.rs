//! An Ingress routes to a Service or a port that does not exist.
//!
//! # What it reports
//!
//! The namespace of the Ingress has no Service with this name, or the Service has no port with this name or number. A
//! missing Service is reported only if the namespace is completely known. Services of type `ExternalName` and actions
//! of the AWS Load Balancer Controller are not checked.
//!
//! # Why it matters
//!
//! Requests for the path get status 503, or the response of the default backend.
//!
//! # Fix
//!
//! Correct the name or the port, or define the Service in the namespace of the Ingress. A backend cannot be in another
//! namespace.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/ingress/>

use crate::diag::Diagnostic;
use crate::rules::index::near::meant;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Item, Mesh, items, named};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for ingress in mesh.all("networking.k8s.io", "Ingress") {
        let body = &ingress.object.body;
        if let Some(backend) = body.at("spec.defaultBackend") {
            judge(mesh, ingress, backend, "spec.defaultBackend", out);
        }
        for (path, rule) in items(body.at("spec.rules"), "spec.rules") {
            for (path, row) in items(rule.at("http.paths"), &format!("{path}.http.paths")) {
                if let Some(backend) = row.at("backend") {
                    judge(mesh, ingress, backend, &format!("{path}.backend"), out);
                }
            }
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, ingress: &Item<'a>, backend: &'a Data, path: &str, out: &mut Vec<Diagnostic>) {
    let Some(name) = backend.at("service.name").and_then(Data::as_str) else { return };
    let actions = ingress.object.body.at("metadata.annotations").and_then(Data::as_map);
    let is_action = backend.at("service.port.name").and_then(Data::as_str) == Some("use-annotation")
        || actions.is_some_and(|all| all.iter().any(|(key, _)| key.strip_suffix(name).is_some_and(|key| key.ends_with("/actions."))));
    if is_action {
        return;
    }
    let Some(service) = mesh.find(CORE, "Service", ingress.place, name) else {
        if !mesh.is_whole(ingress.place) {
            return;
        }
        let message = format!("{} routes to the Service `{name}`, which is not defined", called(ingress.object));
        let beside = mesh.services_in(ingress.place).iter().map(|it| it.object.name.as_str());
        let help = match mesh.namespaces_with(name).first() {
            _ if meant(name, beside.clone()).is_some() => format!("did you mean {}?", named(meant(name, beside))),
            Some(other) => format!("namespace `{other}` has a Service of this name, but a backend must be in the namespace of the Ingress: move one of them"),
            None => format!("define the Service in namespace `{}`, or correct the name", ingress.place.1),
        };
        return out.push(mesh.model.error(ingress.id, "MS0426", message).field(format!("{path}.service.name")).help(help));
    };
    let ports = service.object.body.at("spec.ports").map(Data::items).unwrap_or_default();
    let has = |key: &str, wanted: &Data| ports.iter().any(|port| port.at(key).is_none_or(|it| it == wanted || it.as_str().is_none() && it.as_int().is_none()));
    let (key, wanted) = match (backend.at("service.port.name"), backend.at("service.port.number")) {
        (Some(name), _) => ("name", name),
        (None, Some(number)) => ("port", number),
        _ => return,
    };
    let is_known = wanted.as_str().is_some() || wanted.as_int().is_some();
    let is_there = match key {
        "name" => ports.iter().any(|port| port.at("name") == Some(wanted)),
        _ => has("port", wanted),
    };
    if !is_known || is_there || service.object.body.at("spec.type").and_then(Data::as_str) == Some("ExternalName") {
        return;
    }
    let opened: Vec<String> = ports.iter().filter_map(|port| Some(port.at(key)?.to_text())).collect();
    let message = format!("{} routes to port `{}` of {}, which does not have this port", called(ingress.object), wanted.to_text(), called(service.object));
    let help = match opened.is_empty() {
        true => "use the number of a port of the Service".to_owned(),
        false => format!("use one of {}", named(opened.iter().map(String::as_str))),
    };
    out.push(
        mesh.model
            .error(ingress.id, "MS0426", message)
            .field(format!("{path}.service.port"))
            .note_at("the Service is defined here", mesh.model.node(service.id).at)
            .help(help),
    );
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn ingress(backend: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: shop }}\nspec:\n  ingressClassName: nginx\n  rules:\n\
             \x20 - http: {{ paths: [{{ path: /, pathType: Prefix, backend: {{ service: {backend} }} }}] }}\n"
        ))
    }

    #[test]
    fn reports_a_missing_service_or_port() {
        assert_eq!(open(&ingress("{ name: order, port: { number: 8080 } }")), ["MS0426"]);
        assert_eq!(open(&ingress("{ name: orders, port: { number: 80 } }")), ["MS0426"]);
        assert_eq!(open(&ingress("{ name: orders, port: { name: web } }")), ["MS0426"]);
    }

    #[test]
    fn accepts_a_port_by_name_or_number() {
        assert_eq!(open(&ingress("{ name: orders, port: { number: 8080 } }")), [""; 0]);
        assert_eq!(open(&ingress("{ name: orders, port: { name: http } }")), [""; 0]);
    }

    #[test]
    fn accepts_an_action_of_the_load_balancer_controller() {
        assert_eq!(open(&ingress("{ name: redirect, port: { name: use-annotation } }")), [""; 0]);
    }
}
