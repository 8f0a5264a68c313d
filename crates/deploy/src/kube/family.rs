//! The tools behind field managers: their manager names, and the tools that would revert an object.

use std::collections::BTreeSet;

use serde_json::Value;

use super::application::{Application, Applications};

/// The tools and their field managers. A trailing `*` matches any suffix.
///
/// Source: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>, and the constants of each tool.
const FAMILIES: [(&str, &[&str]); 4] = [
    ("argocd", &["argocd", "argocd-*"]),
    ("flux", &["flux*", "gotk-*", "helm-controller", "kustomize-controller"]),
    ("helm", &["Helm", "helm"]),
    ("kubectl", &["before-first-apply", "kubectl", "kubectl-*"]),
];

fn is_like(pattern: &str, manager: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == manager, |begin| manager.starts_with(begin))
}

/// Returns the tool of a field manager, or `None` if it is unknown.
pub(super) fn family(manager: &str) -> Option<&'static str> {
    let found = FAMILIES.iter().find(|(_, names)| names.iter().any(|name| is_like(name, manager)));
    found.map(|(family, _)| *family)
}

/// Whether `named` contains a field manager or its tool. Tool names are case-insensitive.
pub(super) fn is_named(named: &[String], manager: &str) -> bool {
    let is_tool = |name: &str| family(manager).is_some_and(|tool| tool.eq_ignore_ascii_case(name));
    named.iter().any(|name| name == manager || is_tool(name))
}

/// Another owner of an object, according to its labels and annotations. It would revert or delete the object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rival {
    /// An Argo CD Application.
    Application(Application),
    /// A Flux Kustomization: namespace and name.
    Kustomization(String, String),
    /// A Flux HelmRelease: namespace and name.
    HelmRelease(String, String),
    /// A Helm release: namespace and name.
    Release(String, String),
}

impl Rival {
    /// Returns the other owners of an object. Applications are found by the object or by their own status.
    pub(super) fn of(live: &Value, applications: &Applications) -> BTreeSet<Self> {
        let text = |kind: &str, key: &str| live["metadata"][kind][key].as_str().map(str::to_owned);
        let pair = |kind: &str, namespace: &str, name: &str| Some((text(kind, namespace)?, text(kind, name)?));
        let flux = |tool: &str| {
            let key = |what: &str| format!("{tool}.toolkit.fluxcd.io/{what}");
            pair("labels", &key("namespace"), &key("name"))
        };
        let of_flux = flux("helm");
        let release = pair("annotations", "meta.helm.sh/release-namespace", "meta.helm.sh/release-name");
        let release = release.filter(|_| of_flux.is_none());
        let others = [
            flux("kustomize").map(|(namespace, name)| Rival::Kustomization(namespace, name)),
            of_flux.map(|(namespace, name)| Rival::HelmRelease(namespace, name)),
            release.map(|(namespace, name)| Rival::Release(namespace, name)),
        ];
        others.into_iter().flatten().chain(applications.of(live).into_iter().map(Rival::Application)).collect()
    }

    /// Describes the effect of the owner, and the fix.
    pub(super) fn note(&self, applications: &Applications) -> String {
        match self {
            Rival::Application(name) if applications.heals(name) => format!(
                "the Argo CD Application `{name}` has `selfHeal`, and reverts the object within minutes: first add \
                 the annotation `argocd.argoproj.io/sync-options: Prune=false` to the object, and remove it from the \
                 Application's source"
            ),
            Rival::Application(name) => format!(
                "the Argo CD Application `{name}` reverts the object with its next sync: add the annotation \
                 `argocd.argoproj.io/sync-options: Prune=false` to the object, and remove it from the Application's \
                 source"
            ),
            Rival::Kustomization(namespace, name) => format!(
                "the Flux Kustomization `{namespace}/{name}` reverts the object: run `flux suspend kustomization \
                 {name} -n {namespace}`, add the annotation `kustomize.toolkit.fluxcd.io/prune: disabled` to the \
                 object, and remove it from the Kustomization"
            ),
            Rival::HelmRelease(namespace, name) => format!(
                "the Flux HelmRelease `{namespace}/{name}` reverts the object: run `flux suspend helmrelease {name} \
                 -n {namespace}`; deleting the HelmRelease would delete the object"
            ),
            Rival::Release(namespace, name) => format!(
                "it remains in the Helm release `{namespace}/{name}`, and `helm uninstall` would delete it: remove \
                 only the release records instead, with `kubectl delete secret,configmap -n {namespace} -l \
                 owner=helm,name={name}`"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn recognizes_managers_of_a_tool() {
        let named = ["kubectl".to_owned(), "my-operator".to_owned()];
        assert!(is_named(&named, "kubectl-client-side-apply") && is_named(&named, "my-operator"));
        assert!(is_named(&["ArgoCD".to_owned()], "argocd-controller") && is_named(&["Helm".to_owned()], "helm"));
        assert!(!is_named(&["My-Operator".to_owned()], "my-operator"), "names of managers are what they are");
        assert!(!is_named(&named, "helm") && !is_named(&named, "my-operator-2"));
        assert_eq!(family("argocd-controller"), Some("argocd"));
        assert_eq!(family("kustomize-controller"), Some("flux"));
        assert_eq!(family("kube-controller-manager"), None);
    }

    #[test]
    fn finds_owners_that_would_revert_an_object() {
        let live = json!({ "metadata": {
            "annotations": {
                "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/orders",
                "meta.helm.sh/release-name": "orders", "meta.helm.sh/release-namespace": "shop"
            },
            "labels": { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" }
        } });
        let text = |text: &str| text.to_owned();
        let wanted = [
            Rival::Application(Application::tracked("shop")),
            Rival::Kustomization(text("flux-system"), text("apps")),
            Rival::Release(text("shop"), text("orders")),
        ];
        let none = Applications::default();
        assert_eq!(Rival::of(&live, &none), wanted.into());
        assert_eq!(Rival::of(&json!({ "metadata": {} }), &none), BTreeSet::new());
    }
}
