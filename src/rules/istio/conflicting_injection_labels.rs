//! A namespace, or a pod template, has labels of two ways into the mesh.
//!
//! `istio-injection: enabled`, `istio.io/rev` and `istio.io/dataplane-mode: ambient`
//! each make the pods of a namespace part of the mesh, in a way of its own. With
//! `istio-injection`, a revision is ignored; with a sidecar, `ambient` is. After an
//! upgrade, the pods stay with the revision that nobody looks at any more.
//!
//! A pod with `sidecar.istio.io/inject: "true"` gets a sidecar, and its own label
//! `istio.io/dataplane-mode: ambient` is ignored.
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
        // Who turns injection off may well name a revision for single pods.
        if namespace.object.name == "istio-system" || injection.is_some_and(|(_, value)| value != "enabled") {
            continue;
        }
        let ambient = of("istio.io/dataplane-mode").filter(|(_, mode)| *mode != "none");
        let found: Vec<String> =
            [injection, of("istio.io/rev"), ambient].into_iter().flatten().map(|(key, value)| format!("`{key}: {value}`")).collect();
        if found.len() > 1 {
            let message = format!("{} has labels of several ways into the mesh: {}", called(namespace.object), found.join(", "));
            out.push(mesh.model.warning(namespace.id, "MS0827", message).field("metadata.labels").help("keep one of the labels"));
        }
    }
    for pods in mesh.pods.all() {
        let is = |key: &str, value: &str| pods.label(key) == Some(value);
        if is("sidecar.istio.io/inject", "true") && is("istio.io/dataplane-mode", "ambient") {
            let message = format!("the pods of {} have a label for a sidecar and one for ambient mode", called(pods.object));
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
    fn two_ways_into_the_mesh_are_a_warning() {
        assert_eq!(open(&namespace("istio-injection: enabled, istio.io/rev: canary")), ["MS0827"]);
        assert_eq!(open(&namespace("istio.io/rev: canary, istio.io/dataplane-mode: ambient")), ["MS0827"]);
    }

    #[test]
    fn one_way_and_none_are_fine() {
        assert_eq!(open(&namespace("istio.io/rev: canary")), [""; 0]);
        assert_eq!(open(&namespace("istio-injection: enabled, istio.io/dataplane-mode: none")), [""; 0]);
        assert_eq!(open(&namespace("istio-injection: disabled, istio.io/dataplane-mode: ambient")), [""; 0]);
    }
}
