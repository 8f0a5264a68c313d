//! A namespace with workloads says nothing about the mesh, beside namespaces that are in it.
//!
//! Its pods have no proxy: their calls are plain text, and policies of the mesh do not
//! see them. That may be meant. To say so, label the namespace
//! `istio-injection: disabled`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0102/>

use crate::diag::{Diagnostic, Severity};
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Item, MESH_LABELS, Mesh, label};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let says = |namespace: &Item<'_>| MESH_LABELS.iter().any(|key| label(&namespace.object.body, key).is_some());
    let namespaces = mesh.all(CORE, "Namespace");
    // A program says for each workload whether it is in the mesh.
    if mesh.is_program() || !namespaces.iter().any(says) {
        return;
    }
    for namespace in namespaces {
        let name = namespace.object.name.as_str();
        if says(namespace) || name == ROOT || mesh.has_other_pods((namespace.place.0, name)) {
            continue;
        }
        let message = format!("{} does not say whether it is in the mesh", called(namespace.object));
        out.push(
            mesh.model
                .warning(namespace.id, "MS0845", message)
                .severity(Severity::Note)
                .field("metadata.labels")
                .help("label it `istio-injection: enabled`, or `istio-injection: disabled` if that is meant"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::noted;

    fn namespaces(labels: &str) -> String {
        let namespace = |name: &str, labels: &str| format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: {name}, labels: {{ {labels} }} }}\n");
        namespace("shop", "istio-injection: enabled") + &namespace("tools", labels)
    }

    #[test]
    fn a_namespace_that_says_nothing_is_a_note() {
        assert_eq!(noted(&namespaces("team: a")), ["MS0845"]);
    }

    #[test]
    fn a_namespace_that_says_no_is_fine() {
        assert_eq!(noted(&namespaces("istio-injection: disabled")), [""; 0]);
    }
}
