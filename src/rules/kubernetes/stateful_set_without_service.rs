//! A `StatefulSet` names a Service that does not exist or is not headless.
//!
//! # What it reports
//!
//! A missing Service is an error. In manifests that do not contain the complete namespace, it is a note, unless a
//! Service with a similar name exists. A Service that is not headless is a warning, because some sets do not need names
//! for their pods.
//!
//! # Why it matters
//!
//! Only this Service gives the pods their DNS names (`orders-0.orders.shop.svc`). Without a headless Service, these
//! names do not resolve, so members of a database or broker cluster cannot find each other. Kubernetes does not report
//! it.
//!
//! # Fix
//!
//! Define a Service of this name with `clusterIP: None` that selects the pods.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Mesh};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for set in mesh.all("apps", "StatefulSet") {
        let name = set.object.body.at("spec.serviceName").and_then(Data::as_str).filter(|name| !name.is_empty());
        let Some(name) = name else { continue };
        let path = "spec.serviceName";
        match mesh.find(CORE, "Service", set.place, name) {
            None if mesh.may_be_missing(CORE, "Service", set.place, name) => {
                let message = format!("{} refers to the Service `{name}`, which is not defined", called(set.object));
                let diagnostic = mesh
                    .model
                    .error(set.id, "MS0437", message)
                    .field(path)
                    .help(format!("define a Service `{name}` with `clusterIP: None` in namespace `{}`", set.place.1));
                out.push(mesh.unresolved(diagnostic, mesh.near(CORE, "Service", set.place, name)));
            }
            Some(service) if service.object.body.at("spec.clusterIP").and_then(Data::as_str) != Some("None") => {
                let message = format!("{} refers to the Service `{name}`, which is not headless, so its pods have no DNS names", called(set.object));
                out.push(
                    mesh.model
                        .warning(set.id, "MS0437", message)
                        .field(path)
                        .note_at("the Service is defined here", mesh.model.node(service.id).at)
                        .help("refer to a separate Service with `clusterIP: None`"),
                );
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{closed, open};

    fn set(service: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop }}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{ name: orders }}\nspec:\n  serviceName: orders\n  selector: {{ matchLabels: {{ app: orders }} }}\n\
             \x20 template:\n    metadata: {{ labels: {{ app: orders }} }}\n    spec: {{ containers: [{{ name: orders, image: 'orders:1.0.0', ports: [{{ containerPort: 8080, name: http }}] }}] }}\n{service}"
        )
    }

    fn service(more: &str) -> String {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {{ name: orders }}\nspec: {{ {more}selector: {{ app: orders }}, ports: [{{ name: http, port: 8080 }}] }}\n")
    }

    #[test]
    fn reports_a_missing_service_in_complete_input() {
        assert_eq!(closed(&set("")), ["MS0437"]);
        assert_eq!(open(&set("")), [""; 0]);
    }

    #[test]
    fn warns_about_a_service_that_is_not_headless() {
        assert_eq!(open(&set(&service(""))), ["MS0437"]);
        assert_eq!(open(&set(&service("clusterIP: None, "))), [""; 0]);
    }
}
