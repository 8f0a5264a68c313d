//! An annotation of the AWS Load Balancer Controller is on an object of the wrong kind and has no effect.
//!
//! # What it reports
//!
//! The rule reports an annotation `service.beta.kubernetes.io/aws-load-balancer-…` on an Ingress, and an annotation
//! `alb.ingress.kubernetes.io/…` on a Service.
//!
//! Annotations for target groups (health checks, protocol, target type, tags and attributes) are allowed on a Service
//! that is a backend of an Ingress in the same namespace. In manifests, the Ingress may be elsewhere, so they are not
//! reported.
//!
//! # Why it matters
//!
//! The controller reads `alb.ingress.kubernetes.io/…` only from an Ingress, and
//! `service.beta.kubernetes.io/aws-load-balancer-…` only from a Service. It silently ignores the others, so the load
//! balancer lacks the scheme, certificate or firewall that the annotation specifies.
//!
//! # Fix
//!
//! Move the annotation to the correct object, or use `mesh::Ingress` and `mesh::LoadBalancerService`, which set the
//! annotations.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>

use crate::diag::Diagnostic;
use crate::node::Object;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;

const ALB: &str = "alb.ingress.kubernetes.io/";
const NLB: &str = "service.beta.kubernetes.io/aws-load-balancer-";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, ingress) in model.of_kind("Ingress") {
        for key in annotations(ingress).filter(|key| key.starts_with(NLB)) {
            let message = format!("`{key}` has no effect on an Ingress");
            let help = "use an annotation of Application Load Balancers, which begins with `alb.ingress.kubernetes.io/`";
            out.push(model.error(id, "MS0415", message).field(format!("metadata.annotations.{key}")).help(help));
        }
    }
    for (id, service) in model.of_kind("Service").filter(|(_, it)| it.api_version == "v1") {
        for key in annotations(service) {
            let Some(name) = key.strip_prefix(ALB) else { continue };
            let is_of_targets = name.starts_with("healthcheck-") || OF_TARGETS.contains(&name);
            // In incomplete input, the Ingress may be elsewhere.
            if is_of_targets && (model.is_open || is_backend(model, id, service)) {
                continue;
            }
            let message = format!("`{key}` has no effect on this Service");
            let help = match is_of_targets {
                true => "route an Ingress to this Service, or use an annotation of Network Load Balancers, which begins with `service.beta.kubernetes.io/aws-load-balancer-`",
                false => "move it to an Ingress, or use an annotation of Network Load Balancers, which begins with `service.beta.kubernetes.io/aws-load-balancer-`",
            };
            out.push(model.error(id, "MS0415", message).field(format!("metadata.annotations.{key}")).help(help));
        }
    }
}

/// The annotations that the controller reads from a backend Service of an Ingress, in addition to health checks.
const OF_TARGETS: [&str; 8] = [
    "backend-protocol",
    "backend-protocol-version",
    "healthy-threshold-count",
    "success-codes",
    "tags",
    "target-group-attributes",
    "target-type",
    "unhealthy-threshold-count",
];

fn annotations(object: &Object) -> impl Iterator<Item = &str> {
    let annotations = object.body.at("metadata.annotations").and_then(Data::as_map);
    annotations.into_iter().flat_map(|it| it.iter().map(|(key, _)| key))
}

/// Whether an Ingress of the same cluster and namespace routes to the service.
fn is_backend(model: &Model, id: NodeId, service: &Object) -> bool {
    let names = |ingress: &Object| {
        let rules = ingress.body.at("spec.rules").map_or(&[][..], Data::items).iter();
        let mut paths = rules.flat_map(|rule| rule.at("http.paths").map_or(&[][..], Data::items));
        let is_it = |data: Option<&Data>| data.and_then(Data::as_str) == Some(&service.name);
        paths.any(|path| is_it(path.at("backend.service.name")) || is_it(path.at("backend.serviceName")))
            || is_it(ingress.body.at("spec.backend.serviceName"))
            || is_it(ingress.body.at("spec.defaultBackend.service.name"))
    };
    model.of_kind("Ingress").any(|(other, ingress)| {
        model.target_of(other) == model.target_of(id) && ingress.namespace == service.namespace && names(ingress)
    })
}

#[cfg(test)]
mod tests {
    use crate::kube::core::{Service, ServiceSpec};
    use crate::mesh::{Ingress, IngressProps};
    use crate::testing::{codes, workload};
    use crate::tree::Construct;

    /// Checks a Service with one annotation.
    fn service(key: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            let spec = ServiceSpec::new()
                .selector([("app.kubernetes.io/name", "orders")])
                .ports([crate::kube::core::ServicePort::new(8080).name("http")]);
            Service::new().spec(spec).define(orders.scope(), "other", "other").annotate(key, "x");
        })
    }

    #[test]
    fn accepts_annotations_of_targets_in_incomplete_input() {
        let service = |key: &str| {
            let port = "ports: [{ name: http, port: 80 }]";
            crate::rules::testing::manifests::open(&format!(
                "apiVersion: v1\nkind: Service\nmetadata: {{ name: a, annotations: {{ {key}: x }} }}\nspec: {{ type: NodePort, {port} }}\n"
            ))
        };
        assert_eq!(service("alb.ingress.kubernetes.io/healthcheck-path"), [""; 0]);
        assert_eq!(service("alb.ingress.kubernetes.io/scheme"), ["MS0415"]);
    }

    #[test]
    fn reports_annotations_of_an_ingress_on_a_service() {
        assert_eq!(service("alb.ingress.kubernetes.io/scheme"), ["MS0415"]);
        assert_eq!(service("alb.ingress.kubernetes.io/healthcheck-path"), ["MS0415"]);
    }

    fn ingress(key: &'static str) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            let entry = Ingress::new(orders.namespace(), "entry", IngressProps::default());
            entry.route("shop.example.com", "/", &orders).object().annotate(key, "x");
        })
    }

    #[test]
    fn reports_annotations_of_a_service_on_an_ingress() {
        assert_eq!(ingress("service.beta.kubernetes.io/aws-load-balancer-scheme"), ["MS0415"]);
    }

    #[test]
    fn accepts_annotations_on_the_correct_kind() {
        assert_eq!(ingress("alb.ingress.kubernetes.io/tags"), [""; 0]);
        assert_eq!(service("service.beta.kubernetes.io/aws-load-balancer-scheme"), [""; 0]);
    }
}
