//! A namespace does not specify whether it is in the mesh, although other namespaces do.
//!
//! # What it reports
//!
//! In manifests, a namespace has none of the labels for the mesh, and another namespace has one. The finding is a note.
//! Programs are not checked, because they specify it for each workload.
//!
//! # Why it matters
//!
//! The pods of the namespace have no proxy. Their calls are in plain text, and policies of the mesh do not apply to
//! them.
//!
//! # Fix
//!
//! Add the label `istio-injection: enabled`. If the namespace is intentionally outside the mesh, add `istio-injection:
//! disabled`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0102/>

use crate::diag::{Diagnostic, Severity};
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Item, MESH_LABELS, Mesh, label};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let says = |namespace: &Item<'_>| MESH_LABELS.iter().any(|key| label(&namespace.object.body, key).is_some());
    let namespaces = mesh.all(CORE, "Namespace");
    // A program specifies for each workload whether it is in the mesh.
    if mesh.is_program() || !namespaces.iter().any(says) {
        return;
    }
    for namespace in namespaces {
        let name = namespace.object.name.as_str();
        if says(namespace) || name == ROOT || mesh.has_other_pods((namespace.place.0, name)) {
            continue;
        }
        let message = format!("{} has no label that includes it in the mesh or excludes it", called(namespace.object));
        out.push(
            mesh.model
                .warning(namespace.id, "MS0845", message)
                .severity(Severity::Note)
                .field("metadata.labels")
                .help("set the label `istio-injection` to `enabled` or `disabled`"),
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
    fn notes_a_namespace_without_a_label() {
        assert_eq!(noted(&namespaces("team: a")), ["MS0845"]);
    }

    #[test]
    fn accepts_a_namespace_outside_the_mesh() {
        assert_eq!(noted(&namespaces("istio-injection: disabled")), [""; 0]);
    }
}
