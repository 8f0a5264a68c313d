//! The value of an Istio annotation is not valid.
//!
//! # What it reports
//!
//! The rule checks annotations of proxies with a fixed form:
//!
//! - numbers from 0
//! - ports, or CIDR blocks, separated by commas
//! - `REDIRECT`, `TPROXY` or `NONE`
//! - `true` or `false`
//! - Kubernetes quantities
//!
//! # Why it matters
//!
//! The injection webhook rejects the pods. The `ReplicaSet` has an event, and no pod is created.
//!
//! # Fix
//!
//! Correct the value.
//!
//! Source: <https://istio.io/latest/docs/reference/config/annotations/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0125/>

use std::net::IpAddr;

use crate::diag::Diagnostic;
use crate::rules::index::annotations::of_istio;
use crate::rules::index::pods::called;
use crate::rules::index::quantity::quantity;
use crate::rules::index::{Mesh, named};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for found in of_istio(mesh) {
        let Some(value) = found.value else { continue };
        if let Some(wanted) = wanted(found.name, value) {
            let message = format!("the annotation `{}` of {} has the value `{value}`, which is not {wanted}", found.name, called(found.object));
            out.push(mesh.model.error(found.id, "MS0849", message).field(found.path).help(format!("write {wanted}")));
        }
    }
}

/// Returns the required form of an invalid value, or `None` if the value is valid.
fn wanted(name: &str, value: &str) -> Option<String> {
    let is_port = |text: &str| text.trim().parse::<u16>().is_ok();
    let is_block = |text: &str| {
        text.split_once('/').is_some_and(|(address, bits)| address.parse::<IpAddr>().is_ok_and(|it| bits.parse::<u8>().is_ok_and(|bits| bits <= if it.is_ipv4() { 32 } else { 128 })))
    };
    let all = |fits: &dyn Fn(&str) -> bool| value.trim().is_empty() || value.split(',').all(fits);
    let (is_valid, wanted) = match name {
        "sidecar.istio.io/interceptionMode" => {
            let modes = ["NONE", "REDIRECT", "TPROXY"];
            (modes.contains(&value), format!("one of {}", named(modes)))
        }
        "status.sidecar.istio.io/port" => (is_port(value), "a port".to_owned()),
        "readiness.status.sidecar.istio.io/failureThreshold"
        | "readiness.status.sidecar.istio.io/initialDelaySeconds"
        | "readiness.status.sidecar.istio.io/periodSeconds" => (value.parse::<u32>().is_ok(), "an integer of at least 0".to_owned()),
        "prometheus.istio.io/merge-metrics" => {
            (matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False"), "`true` or `false`".to_owned())
        }
        "traffic.sidecar.istio.io/includeInboundPorts" => (value == "*" || all(&is_port), "`*` or a comma-separated list of ports".to_owned()),
        "traffic.sidecar.istio.io/excludeInboundPorts" | "traffic.sidecar.istio.io/excludeOutboundPorts" => {
            (all(&is_port), "a comma-separated list of ports".to_owned())
        }
        "traffic.sidecar.istio.io/includeOutboundIPRanges" => (value == "*" || all(&is_block), "`*` or a comma-separated list of CIDR blocks".to_owned()),
        "traffic.sidecar.istio.io/excludeOutboundIPRanges" => (all(&is_block), "a comma-separated list of CIDR blocks".to_owned()),
        "sidecar.istio.io/proxyCPU" | "sidecar.istio.io/proxyCPULimit" | "sidecar.istio.io/proxyMemory" | "sidecar.istio.io/proxyMemoryLimit" => {
            (quantity(value).is_some(), "a quantity, such as `100m` or `128Mi`".to_owned())
        }
        _ => return None,
    };
    (!is_valid).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use crate::rules::testing::manifests::open;

    #[test]
    fn reports_values_that_the_webhook_refuses() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: a, annotations: { readiness.status.sidecar.istio.io/periodSeconds: ten } }\n\
                   spec: { containers: [{ name: a, image: 'a:1' }] }\n";
        assert_eq!(open(pod), ["MS0849"]);
        assert_eq!(open(&pod.replace("ten", "'10'")), [""; 0]);
    }

    #[test]
    fn recognizes_each_format() {
        for (name, good, bad) in [
            ("sidecar.istio.io/interceptionMode", "TPROXY", "redirect"),
            ("traffic.sidecar.istio.io/includeInboundPorts", "*", "http"),
            ("traffic.sidecar.istio.io/excludeInboundPorts", "80, 443", "80;443"),
            ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/8,fd00::/8", "10.0.0.0"),
            ("sidecar.istio.io/proxyMemory", "128Mi", "128 MB"),
            ("prometheus.istio.io/merge-metrics", "false", "no"),
        ] {
            assert_eq!(wanted(name, good), None, "{name}");
            assert!(wanted(name, bad).is_some(), "{name}");
        }
    }
}
