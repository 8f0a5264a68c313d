//! A port is not a number from 1 to 65535.
//!
//! # What it reports
//!
//! The rule checks `port`, `targetPort` and `nodePort` of Services, and `containerPort` of containers. A `nodePort` of
//! 0 means that it is not set.
//!
//! # Why it matters
//!
//! The API server rejects the object.
//!
//! # Fix
//!
//! Correct the number, or use the name of a container port as `targetPort`.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service>

use crate::diag::Diagnostic;
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, object) in model.of_kind("Service").filter(|(_, object)| object.api_version == "v1") {
        let ports = object.body.at("spec.ports").map(Data::items).unwrap_or_default();
        for (idx, port) in ports.iter().enumerate() {
            for key in ["port", "targetPort", "nodePort"] {
                let is_unset = key == "nodePort" && port.at(key).and_then(Data::as_int) == Some(0);
                if let Some(number) = port.at(key).and_then(Data::as_int).filter(|number| !is_unset && !is_port(*number)) {
                    out.push(wrong(model, id, called(object), number).field(format!("spec.ports[{idx}].{key}")));
                }
            }
        }
    }
    for pods in pods::all(model) {
        for (path, container) in pods.numbered() {
            let ports = container.get("ports").map(Data::items).unwrap_or_default();
            for (idx, port) in ports.iter().enumerate() {
                if let Some(number) = port.at("containerPort").and_then(Data::as_int).filter(|number| !is_port(*number)) {
                    out.push(wrong(model, pods.id, called(pods.object), number).field(format!("{path}.ports[{idx}].containerPort")));
                }
            }
        }
    }
}

fn is_port(number: i64) -> bool {
    (1..=65_535).contains(&number)
}

fn wrong(model: &Model, id: crate::tree::NodeId, what: String, number: i64) -> Diagnostic {
    let diagnostic = model.error(id, "MS0425", format!("{what} has port {number}, which is not a valid port number"));
    diagnostic.help("use a port from 1 to 65535")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::testing::manifests::open;
    use crate::rules::testing::pods::{codes_of, orders};

    fn service(target: u32) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{ name: orders, namespace: other }}\n\
             spec: {{ clusterIP: None, ports: [{{ port: 80, targetPort: {target} }}] }}\n"
        )
    }

    #[test]
    fn reports_a_number_that_is_not_a_port() {
        assert_eq!(open(&service(80_800)), ["MS0425"]);
        let container = json!({ "name": "a", "image": "a:1.0", "ports": [{ "containerPort": 0 }] });
        assert_eq!(codes_of([orders(json!({ "containers": [container] }))]), ["MS0425"]);
    }

    #[test]
    fn accepts_a_port() {
        assert_eq!(open(&service(8_080)), [""; 0]);
    }
}
