//! A port of an `ExternalName` service has no protocol, or the protocol `tcp`.
//!
//! # What it reports
//!
//! The name of the port does not begin with a protocol, or is `tcp`. The finding is a warning. Services in namespaces
//! outside the mesh are not checked.
//!
//! # Why it matters
//!
//! Such a service has no cluster IP. A TCP listener for its port receives all connections to that port, for any
//! destination, so other hosts become unreachable.
//!
//! # Fix
//!
//! Begin the port name with the protocol that clients use (`https`, `tls`, `http`), or define a `ServiceEntry` instead.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0150/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::routes::protocol;
use crate::rules::index::{CORE, Mesh, items};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for service in mesh.all(CORE, "Service") {
        let body = &service.object.body;
        let is_external = body.at("spec.type").and_then(Data::as_str) == Some("ExternalName");
        if !is_external || mesh.meshes(service.place) == Some(false) {
            continue;
        }
        for (path, port) in items(body.at("spec.ports"), "spec.ports") {
            let is_plain = port.at("name").and_then(Data::as_str) == Some("tcp");
            if !is_plain && protocol(port).is_some() {
                continue;
            }
            let number = port.at("port").map(Data::to_text).unwrap_or_default();
            let message = format!("the protocol of port {number} of {} does not allow a proxy to recognize the host", called(service.object));
            out.push(
                mesh.model
                    .warning(service.id, "MS0836", message)
                    .field(path)
                    .help("begin the port name with a protocol such as `https`, or use a `ServiceEntry`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn service(name: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{ name: api }}\n\
             spec: {{ type: ExternalName, externalName: api.example.com, ports: [{{ {name} port: 443 }}] }}\n"
        )
    }

    #[test]
    fn warns_about_a_port_without_a_protocol() {
        for name in ["", "name: api,", "name: tcp,"] {
            assert_eq!(open(&service(name)), ["MS0836"]);
        }
        assert_eq!(fields(&service("")), ["spec.ports[0]"]);
    }

    #[test]
    fn accepts_a_protocol_in_the_name() {
        assert_eq!(open(&service("name: https-api,")), [""; 0]);
    }
}
