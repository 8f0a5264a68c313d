//! Sidecars are injected into a namespace whose pod security level forbids them.
//!
//! # What it reports
//!
//! A namespace with injection enforces `baseline` or `restricted`, and the cluster has a Helm release of `istiod` but
//! none of `cni`.
//!
//! # Why it matters
//!
//! Without Istio's CNI plugin, an init container of each pod configures the redirection and needs `NET_ADMIN` and
//! `NET_RAW`. A namespace with the level `baseline` or `restricted` rejects such pods, so no pod starts.
//!
//! # Fix
//!
//! Install the chart `cni` with Istio, or use ambient mode.
//!
//! Source: <https://istio.io/latest/docs/setup/additional-setup/pod-security-admission/>

use crate::diag::Diagnostic;
use crate::rules::index::{CORE, Mesh, label};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for namespace in mesh.all(CORE, "Namespace") {
        let label = |key: &str| label(&namespace.object.body, key);
        let is_injected = label("istio-injection") == Some("enabled") || label("istio.io/rev").is_some();
        let Some(level @ ("baseline" | "restricted")) = label("pod-security.kubernetes.io/enforce") else { continue };
        let has = |chart: &str| {
            let mut releases = mesh.model.releases();
            releases.any(|(id, release)| release.chart == chart && mesh.model.target_of(id) == namespace.place.0)
        };
        // The rule can detect a missing plugin only if the program installs Istio.
        if !is_injected || !has("istiod") || has("cni") {
            continue;
        }
        let message = format!("namespace `{}` injects sidecars, but its pod security level `{level}` rejects them", namespace.object.name);
        out.push(
            mesh.model
                .error(namespace.id, "MS0820", message)
                .field("metadata.labels.pod-security.kubernetes.io/enforce")
                .help("install Istio's chart `cni`, so that sidecars do not require extra capabilities"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::with_releases;

    fn codes(level: &str, charts: &[&str]) -> Vec<&'static str> {
        let text = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ istio-injection: enabled, \
             pod-security.kubernetes.io/enforce: {level} }} }}\n\
             ---\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: istio-system }}\n"
        );
        let releases: Vec<_> = charts.iter().map(|chart| (*chart, *chart, "istio-system")).collect();
        with_releases(&text, &releases)
    }

    #[test]
    fn reports_restricted_pods_without_the_plugin() {
        assert_eq!(codes("restricted", &["base", "istiod"]), ["MS0820"]);
    }

    #[test]
    fn accepts_restricted_pods_with_the_plugin() {
        assert_eq!(codes("restricted", &["base", "cni", "istiod"]), [""; 0]);
        assert_eq!(codes("privileged", &["base", "istiod"]), [""; 0]);
    }
}
