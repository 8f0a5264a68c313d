//! A `Sidecar` of the root namespace selects workloads, so it is not the default of the mesh.
//!
//! # What it reports
//!
//! A `Sidecar` in `istio-system` has a `workloadSelector` that no pod of `istio-system` matches. The finding is a
//! warning.
//!
//! # Why it matters
//!
//! A `Sidecar` in `istio-system` without a selector applies to every namespace that has none. With a
//! `workloadSelector`, it applies only to pods of `istio-system`, so it has no effect in other namespaces.
//!
//! # Fix
//!
//! Remove the selector, or define the object in the namespace of the pods.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/sidecar/>,
//! <https://kiali.io/docs/features/validations/#kia1006---global-default-sidecar-should-not-have-workloadselector>

use crate::diag::Diagnostic;
use crate::rules::index::exports::ROOT;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING};
use crate::val::Data;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for sidecar in mesh.all(NETWORKING, "Sidecar").iter().filter(|sidecar| sidecar.place.1 == ROOT) {
        let labels = sidecar.object.body.at("spec.workloadSelector.labels").and_then(Data::as_map);
        let Some(labels) = labels.filter(|labels| !labels.is_empty()) else { continue };
        // Pods of the root namespace, such as a gateway, may have their own `Sidecar`.
        if mesh.pods.selected(sidecar.place, labels).is_none_or(|pods| !pods.is_empty()) {
            continue;
        }
        let message = format!("{} of namespace `{ROOT}` has a selector, so it is not the default of the mesh", called(sidecar.object));
        out.push(
            mesh.model
                .warning(sidecar.id, "MS0859", message)
                .field("spec.workloadSelector")
                .help("remove the selector, or move the `Sidecar` to the namespace of the pods"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{warned, with_orders};

    fn sidecar(namespace: &str, selector: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{ name: default, namespace: {namespace} }}\n\
             spec: {{ {selector} egress: [{{ hosts: ['./*'] }}] }}\n"
        ))
    }

    #[test]
    fn warns_about_a_sidecar_of_the_root_namespace_with_a_selector() {
        assert_eq!(warned(&sidecar("istio-system", "workloadSelector: { labels: { app: orders } },")), ["MS0859"]);
    }

    #[test]
    fn accepts_sidecars_without_a_selector_or_in_another_namespace() {
        assert_eq!(warned(&sidecar("istio-system", "")), [""; 0]);
        assert_eq!(warned(&sidecar("shop", "workloadSelector: { labels: { app: orders } },")), [""; 0]);
    }
}
