//! The Network Load Balancer of a Service has no scheme (internal or internet-facing).
//!
//! # What it reports
//!
//! A Service of type `LoadBalancer` with the class `service.k8s.aws/nlb` or no class has no annotation
//! `service.beta.kubernetes.io/aws-load-balancer-scheme`.
//!
//! In manifests, a Service without a class is checked only if it has another annotation of AWS load balancers, and the
//! finding is a warning.
//!
//! # Why it matters
//!
//! The AWS Load Balancer Controller creates an internal load balancer by default, and the old controller inside
//! Kubernetes a public one. Either the gateway is unreachable, or an internal service is reachable from the internet.
//!
//! # Fix
//!
//! Set the annotation `service.beta.kubernetes.io/aws-load-balancer-scheme` to `internal` or `internet-facing`, or use
//! `mesh::LoadBalancerService`, which always sets it.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/nlb/>

use crate::diag::{Diagnostic, Severity};
use crate::node::Object;
use crate::synth::{Link, Model};
use crate::val::Data;

const SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, service) in model.of_kind("Service").filter(|(_, it)| it.api_version == "v1") {
        let text = |path: &str| service.body.at(path).and_then(Data::as_str);
        if text("spec.type") != Some("LoadBalancer") {
            continue;
        }
        if text("spec.loadBalancerClass").is_some_and(|class| class != "service.k8s.aws/nlb") {
            continue;
        }
        // Without a class, the cloud provider is unknown in manifests.
        if model.is_open && text("spec.loadBalancerClass").is_none() && !is_of_aws(service) {
            continue;
        }
        let annotations = service.body.at("metadata.annotations").and_then(Data::as_map);
        if annotations.is_none_or(|it| it.get(SCHEME).is_none()) {
            let message = format!("the load balancer of service `{}` has no scheme", service.name);
            let help = format!("set the annotation `{SCHEME}` to `internal` or `internet-facing`");
            let diagnostic = model.error(id, "MS0416", message).help(help);
            // Without a class, the controller of the cloud provider may create the load balancer, which is then public.
            let is_sure = !model.is_open || text("spec.loadBalancerClass").is_some();
            out.push(if is_sure { diagnostic } else { diagnostic.severity(Severity::Warning) });
        }
    }
}

/// Whether an annotation shows that the load balancer belongs to AWS.
fn is_of_aws(service: &Object) -> bool {
    let annotations = service.body.at("metadata.annotations").and_then(Data::as_map);
    annotations.is_some_and(|it| it.iter().any(|(key, _)| key.starts_with("service.beta.kubernetes.io/aws-")))
}

#[cfg(test)]
mod tests {
    use crate::kube::core::{Service, ServicePort, ServiceSpec, ServiceType};
    use crate::mesh::{LoadBalancerService, LoadBalancerServiceProps};
    use crate::testing::{codes, workload};
    use crate::tree::Construct;

    #[test]
    fn reports_a_load_balancer_without_a_scheme() {
        assert_eq!(
            codes(|app| {
                let orders = workload(app);
                let spec = ServiceSpec::new()
                    .type_(ServiceType::LoadBalancer)
                    .selector([("app.kubernetes.io/name", "orders")])
                    .ports([ServicePort::new(8080).name("http")]);
                Service::new().spec(spec).define(orders.scope(), "entry", "entry");
            }),
            ["MS0416"]
        );
    }

    #[test]
    fn accepts_a_load_balancer_with_a_scheme() {
        assert_eq!(
            codes(|app| {
                LoadBalancerService::new(&workload(app), "entry", LoadBalancerServiceProps::default());
            }),
            [""; 0]
        );
    }
}
