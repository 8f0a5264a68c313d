//! The health check of a load balancer does not work with an Istio gateway.
//!
//! # What it reports
//!
//! The rule checks Services of type `LoadBalancer` for AWS whose pods are a gateway:
//!
//! - Proxy protocol with targets of type `instance` and `externalTrafficPolicy: Local` is an error.
//! - A TCP health check with `externalTrafficPolicy: Local` is an error.
//! - A health check that does not use HTTP on port 15021 is a warning, unless the targets are of type `instance`.
//!
//! # Why it matters
//!
//! The pods of a gateway answer health checks on port 15021, path `/healthz/ready`. With TCP on the traffic port, a pod
//! counts as healthy while it shuts down. With `externalTrafficPolicy: Local`, a TCP check uses a node port on which
//! Envoy does not answer, so no target becomes healthy. Proxy protocol with targets of type `instance` and `Local`
//! breaks the check, too.
//!
//! # Fix
//!
//! Add these annotations to the `Service`, and use targets of type `ip`: `aws-load-balancer-healthcheck-protocol:
//! http`, `aws-load-balancer-healthcheck-port: "15021"`, `aws-load-balancer-healthcheck-path: /healthz/ready`. Their
//! prefix is `service.beta.kubernetes.io/`.
//!
//! Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>

use crate::diag::Diagnostic;
use crate::val::{Bag, Data};
use crate::rules::index::{CORE, Mesh, is_gateway};
use crate::rules::index::pods::{Place, called};

const PREFIX: &str = "service.beta.kubernetes.io/aws-load-balancer-";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(CORE, "Service") {
        let body = &service.object.body;
        let text = |path: &str| body.at(path).and_then(Data::as_str);
        let annotations = body.at("metadata.annotations").and_then(Data::as_map);
        let said = |key: &str| annotations.and_then(|it| it.get(&format!("{PREFIX}{key}"))).map(Data::to_text);
        let is_of_aws = text("spec.loadBalancerClass") == Some("service.k8s.aws/nlb")
            || annotations.is_some_and(|it| it.iter().any(|(key, _)| key.starts_with(PREFIX)));
        if text("spec.type") != Some("LoadBalancer") || !is_of_aws || !is_before_gateway(mesh, service.place, body) {
            continue;
        }
        let is_local = text("spec.externalTrafficPolicy") == Some("Local");
        let by_instance = said("nlb-target-type").is_some_and(|it| it == "instance");
        let protocol = said("healthcheck-protocol").unwrap_or_else(|| "tcp".to_owned()).to_lowercase();
        let is_http = matches!(protocol.as_str(), "http" | "https");
        let port = said("healthcheck-port").unwrap_or_else(|| "traffic-port".to_owned());
        let is_status = matches!(port.as_str(), "15021" | "status-port");
        let name = called(service.object);
        let help = format!("set the annotations `{PREFIX}healthcheck-protocol: http`, `…-port: \"15021\"` and `…-path: /healthz/ready`");
        if said("proxy-protocol").is_some() && by_instance && is_local {
            let message = format!("{name} uses proxy protocol with targets of type `instance` and `externalTrafficPolicy: Local`, which breaks its health checks");
            out.push(
                mesh.model
                    .error(service.id, "MS0819", message)
                    .field(format!("metadata.annotations.{PREFIX}proxy-protocol"))
                    .help(format!("use targets of type `ip`: set the annotation `{PREFIX}nlb-target-type: ip`")),
            );
        } else if !is_http && is_local {
            let message = format!("{name} uses a TCP health check with `externalTrafficPolicy: Local`, so no target becomes healthy");
            out.push(mesh.model.error(service.id, "MS0819", message).field("spec.externalTrafficPolicy").help(help));
        } else if !(by_instance || is_http && is_status) {
            let message = format!("the health check of {name} uses {protocol} on `{port}` instead of HTTP on port 15021");
            out.push(mesh.model.warning(service.id, "MS0819", message).field("metadata.annotations").help(help));
        }
    }
}

/// Whether the pods of a service are a gateway of the mesh, according to their labels.
fn is_before_gateway<'a>(mesh: &Mesh<'a>, place: Place<'a>, body: &'a Bag) -> bool {
    let labels = body.at("spec.selector").and_then(Data::as_map);
    let selected = labels.and_then(|labels| mesh.pods.selected(place, labels)).unwrap_or_default();
    let by_label = labels.and_then(|it| it.get("istio")).and_then(Data::as_str).is_some_and(|it| it.contains("gateway"));
    by_label || selected.iter().any(|pods| is_gateway(pods))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn service(annotations: &str, policy: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: ingress\n  annotations:\n    \
             service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing\n{annotations}\
             spec: {{ type: LoadBalancer, loadBalancerClass: service.k8s.aws/nlb, selector: {{ istio: ingressgateway }}, \
             {policy}ports: [{{ name: https, port: 443 }}] }}\n"
        )
    }

    fn said(pairs: &[(&str, &str)]) -> String {
        pairs.iter().map(|(key, value)| format!("    service.beta.kubernetes.io/aws-load-balancer-{key}: '{value}'\n")).collect()
    }

    const STATUS: [(&str, &str); 3] =
        [("healthcheck-protocol", "http"), ("healthcheck-port", "15021"), ("healthcheck-path", "/healthz/ready")];

    #[test]
    fn reports_tcp_health_checks_with_each_traffic_policy() {
        assert_eq!(open(&service("", "")), ["MS0819"]);
        assert_eq!(open(&service("", "externalTrafficPolicy: Local, ")), ["MS0819"]);
    }

    #[test]
    fn reports_proxy_protocol_with_instance_targets_and_local_policy() {
        let proxied = said(&[("proxy-protocol", "*"), ("nlb-target-type", "instance")]) + &said(&STATUS);
        assert_eq!(open(&service(&proxied, "externalTrafficPolicy: Local, ")), ["MS0819"]);
    }

    #[test]
    fn accepts_http_health_checks_of_the_status_port() {
        assert_eq!(open(&service(&said(&STATUS), "")), [""; 0]);
    }
}
