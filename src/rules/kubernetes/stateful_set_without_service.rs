//! A `StatefulSet` names a Service that is not there, or that is not headless.
//!
//! Its pods get names in DNS from this Service alone (`orders-0.orders.shop.svc`).
//! Without it, or where it has an address of its own, these names do not resolve, and members of
//! a cluster of databases or brokers do not find each other. Kubernetes says nothing.
//!
//! Define a Service of this name with `clusterIP: None` that selects the pods.
//! A Service that is not headless is a warning: sets whose pods are not asked for by name do without.
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
                let message = format!("{} names the Service `{name}`, which is not there", called(set.object));
                let diagnostic = mesh
                    .model
                    .error(set.id, "MS0437", message)
                    .field(path)
                    .help(format!("define a Service `{name}` with `clusterIP: None` in namespace `{}`", set.place.1));
                out.push(mesh.unresolved(diagnostic, mesh.near(CORE, "Service", set.place, name)));
            }
            Some(service) if service.object.body.at("spec.clusterIP").and_then(Data::as_str) != Some("None") => {
                let message = format!("{} names the Service `{name}`, which is not headless: its pods have no names in DNS", called(set.object));
                out.push(
                    mesh.model
                        .warning(set.id, "MS0437", message)
                        .field(path)
                        .note_at("the Service is defined here", mesh.model.node(service.id).at)
                        .help("name a Service with `clusterIP: None`, beside the one that clients use"),
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
    fn a_service_that_is_not_there_is_an_error_where_all_is_known() {
        assert_eq!(closed(&set("")), ["MS0437"]);
        assert_eq!(open(&set("")), [""; 0]);
    }

    #[test]
    fn a_service_with_an_address_is_a_warning_and_a_headless_one_is_fine() {
        assert_eq!(open(&set(&service(""))), ["MS0437"]);
        assert_eq!(open(&set(&service("clusterIP: None, "))), [""; 0]);
    }
}
