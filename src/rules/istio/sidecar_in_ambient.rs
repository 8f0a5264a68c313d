//! A `Sidecar` is for workloads of an ambient mesh, which have no sidecars.
//!
//! # What it reports
//!
//! A `Sidecar` is in a namespace with `istio.io/dataplane-mode: ambient`. The finding is a warning.
//!
//! # Why it matters
//!
//! In such a namespace, traffic uses ztunnel and waypoints. A `Sidecar` has no effect, so the hosts that it should hide
//! remain visible.
//!
//! # Fix
//!
//! Remove it. Use an `AuthorizationPolicy` to limit callers.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0167/>

use crate::diag::Diagnostic;
use crate::rules::index::pods::called;
use crate::rules::index::{Mesh, NETWORKING};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for sidecar in mesh.all(NETWORKING, "Sidecar") {
        let Some(namespace) = mesh.namespace(sidecar.place) else { continue };
        if !mesh.is_ambient(sidecar.place) {
            continue;
        }
        let message = format!("{} has no effect: namespace `{}` is in an ambient mesh", called(sidecar.object), sidecar.place.1);
        out.push(
            mesh.model
                .warning(sidecar.id, "MS0841", message)
                .note_at("the namespace is defined here", mesh.model.node(namespace.id).at)
                .help("remove the `Sidecar`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::open;

    fn sidecar(labels: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ {labels} }} }}\n\
             ---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{ name: default }}\nspec: {{ egress: [{{ hosts: ['./*'] }}] }}\n"
        )
    }

    #[test]
    fn warns_about_a_sidecar_in_an_ambient_mesh() {
        assert_eq!(open(&sidecar("istio.io/dataplane-mode: ambient")), ["MS0841"]);
    }

    #[test]
    fn accepts_a_sidecar_in_a_sidecar_mesh() {
        assert_eq!(open(&sidecar("istio-injection: enabled")), [""; 0]);
    }
}
