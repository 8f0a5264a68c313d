//! A namespace or pod template has labels of two methods to join the mesh.
//!
//! # What it reports
//!
//! A namespace has more than one of the labels `istio-injection: enabled`, `istio.io/rev` and `istio.io/dataplane-mode:
//! ambient`. A pod template has both `sidecar.istio.io/inject: "true"` and `istio.io/dataplane-mode: ambient`. The
//! finding is a warning. The namespace `istio-system`, and namespaces that disable injection, are not checked.
//!
//! # Why it matters
//!
//! Each of these labels adds the pods to the mesh with a different method. With `istio-injection`, Istio ignores the
//! revision. With a sidecar, it ignores `ambient`. After an upgrade, the pods continue to use an old revision.
//!
//! # Fix
//!
//! Keep one of the labels.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0123/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{CORE, Mesh, label};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for namespace in mesh.all(CORE, "Namespace") {
        let of = |key: &'static str| label(&namespace.object.body, key).map(|value| (key, value));
        let injection = of("istio-injection");
        // A namespace without injection may set a revision for single pods.
        if namespace.object.name == "istio-system" || injection.is_some_and(|(_, value)| value != "enabled") {
            continue;
        }
        let ambient = of("istio.io/dataplane-mode").filter(|(_, mode)| *mode != "none");
        let found: Vec<String> =
            [injection, of("istio.io/rev"), ambient].into_iter().flatten().map(|(key, value)| format!("`{key}: {value}`")).collect();
        if found.len() > 1 {
            let message = format!("{} has conflicting labels for joining the mesh: {}", called(namespace.object), found.join(", "));
            out.push(mesh.model.warning(namespace.id, "MS0827", message).field("metadata.labels").help("keep one of the labels"));
        }
    }
    for pods in mesh.pods.all() {
        let is = |key: &str, value: &str| pods.label(key) == Some(value);
        if is("sidecar.istio.io/inject", "true") && is("istio.io/dataplane-mode", "ambient") {
            let message = format!("the pods of {} have a label for sidecar mode and a label for ambient mode", called(pods.object));
            let diagnostic = mesh.model.warning(pods.id, "MS0827", message).field(pods.field("metadata.labels"));
            out.push(diagnostic.help("keep one of the labels"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn namespace(labels: &str) -> String {
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ {labels} }} }}\n")
    }

    #[test]
    fn warns_about_labels_for_both_sidecar_and_ambient_mode() {
        assert_eq!(open(&namespace("istio-injection: enabled, istio.io/rev: canary")), ["MS0827"]);
        assert_eq!(open(&namespace("istio.io/rev: canary, istio.io/dataplane-mode: ambient")), ["MS0827"]);
    }

    #[test]
    fn accepts_a_label_that_disables_the_other_mode() {
        assert_eq!(open(&namespace("istio.io/rev: canary")), [""; 0]);
        assert_eq!(open(&namespace("istio-injection: enabled, istio.io/dataplane-mode: none")), [""; 0]);
        assert_eq!(open(&namespace("istio-injection: disabled, istio.io/dataplane-mode: ambient")), [""; 0]);
    }
}
