//! The tools behind field managers: the names that each writes under, and what would set an object back.

use std::collections::BTreeSet;

use serde_json::Value;

use super::application::{Application, Applications};

/// A tool, and how its field managers are called: names that end with `*` are how they begin.
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

/// The tool that writes under a name; none where nobody knows it.
pub(super) fn family(manager: &str) -> Option<&'static str> {
    let found = FAMILIES.iter().find(|(_, names)| names.iter().any(|name| is_like(name, manager)));
    found.map(|(family, _)| *family)
}

/// Whether a field manager is one of those that somebody names, each by itself or by its tool, in whatever letters.
pub(super) fn is_named(named: &[String], manager: &str) -> bool {
    let is_tool = |name: &str| family(manager).is_some_and(|tool| tool.eq_ignore_ascii_case(name));
    named.iter().any(|name| name == manager || is_tool(name))
}

/// Who else has an object, as its labels and annotations say, and would set it back or delete it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rival {
    /// An Application of Argo CD.
    Application(Application),
    /// A Kustomization of Flux, by its namespace and name.
    Kustomization(String, String),
    /// A HelmRelease of Flux, by its namespace and name.
    HelmRelease(String, String),
    /// A release of Helm, by its namespace and name.
    Release(String, String),
}

impl Rival {
    /// Those of an object; an Application is known by what the object or its own status says.
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

    /// What it would do, and what to do about that.
    pub(super) fn note(&self, applications: &Applications) -> String {
        match self {
            Rival::Application(name) if applications.heals(name) => format!(
                "the Application `{name}` of Argo CD has `selfHeal`, and sets it back within minutes: take the object out of \
                 what it deploys first, with the annotation `argocd.argoproj.io/sync-options: Prune=false` on it"
            ),
            Rival::Application(name) => format!(
                "the Application `{name}` of Argo CD sets it back with its next sync: take the object out of what it deploys, \
                 with the annotation `argocd.argoproj.io/sync-options: Prune=false` on it"
            ),
            Rival::Kustomization(namespace, name) => format!(
                "the Kustomization `{namespace}/{name}` of Flux sets it back: `flux suspend kustomization {name} -n {namespace}`, \
                 then take the object out of it, with the annotation `kustomize.toolkit.fluxcd.io/prune: disabled` on it"
            ),
            Rival::HelmRelease(namespace, name) => format!(
                "the HelmRelease `{namespace}/{name}` of Flux sets it back: `flux suspend helmrelease {name} -n {namespace}`; \
                 deleting it would delete the object"
            ),
            Rival::Release(namespace, name) => format!(
                "it stays in the Helm release `{namespace}/{name}`, and `helm uninstall` would delete it: forget the release \
                 instead, with `kubectl delete secret,configmap -n {namespace} -l owner=helm,name={name}`, which leaves its objects"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_manager_is_known_by_its_tool() {
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
    fn an_object_says_who_would_set_it_back() {
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
