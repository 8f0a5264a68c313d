//! A Service has several ports, and one of them has no name or a duplicate name.
//!
//! # What it reports
//!
//! A Service with at least two ports has a port without a name, or two ports with the same name.
//!
//! # Why it matters
//!
//! The API server rejects the Service. With more than one port, each port needs a unique name.
//!
//! # Fix
//!
//! Name every port. Istio reads the protocol from the name, as in `http-web` or `grpc`.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services>

use crate::hash::FastSet;
use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("Service").filter(|(_, object)| object.api_version == "v1") {
        let ports = object.body.at("spec.ports").map(Data::items).unwrap_or_default();
        if ports.len() < 2 {
            continue;
        }
        let mut names = FastSet::default();
        for (idx, port) in ports.iter().enumerate() {
            let number = port.at("port").map(Data::to_text).unwrap_or_default();
            let message = match port.at("name") {
                None => format!("{} has {} ports, but port {number} has no name", called(object), ports.len()),
                Some(name) if name.as_str().is_some_and(|name| !names.insert(name)) => {
                    format!("{} has two ports named `{}`", called(object), name.to_text())
                }
                Some(_) => continue,
            };
            let diagnostic = model.error(id, "MS0423", message).field(format!("spec.ports[{idx}]"));
            out.push(diagnostic.help("use a different name for each port, such as `http` and `tcp-admin`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{closed, open};

    fn service(ports: &str) -> String {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{ name: orders, namespace: other }}\nspec: {{ clusterIP: None, ports: [{ports}] }}\n")
    }

    #[test]
    fn reports_several_ports_without_names() {
        assert_eq!(open(&service("{ port: 80, name: http }, { port: 81 }")), ["MS0423"]);
        assert_eq!(open(&service("{ port: 80, name: http }, { port: 81, name: http }")), ["MS0423"]);
        assert!(closed(&service("{ port: 80, name: http }, { port: 81 }")).contains(&"MS0423"));
    }

    #[test]
    fn one_port_needs_no_name() {
        assert_eq!(open(&service("{ port: 80 }")), [""; 0]);
        assert_eq!(open(&service("{ port: 80, name: http }, { port: 81, name: http-admin }")), [""; 0]);
    }
}
