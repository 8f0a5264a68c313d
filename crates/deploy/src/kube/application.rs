//! Argo CD Applications: finds the Applications of an object, and whether they revert changes.
//!
//! The Argo CD configuration decides whether an annotation or a label tracks an object. Charts also set this label. For
//! an object without the annotation, the status of the Applications is used instead.
//!
//! Source: <https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/>.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// The tracking annotation: `<application>:<group>/<kind>:<namespace>/<name>`.
const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
/// The names of the local cluster in an Application.
const IN_CLUSTER: [&str; 2] = ["https://kubernetes.default.svc", "in-cluster"];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Application {
    /// The namespace. `None` means the namespace of Argo CD.
    namespace: Option<String>,
    name: String,
}

impl Application {
    /// Returns the Application in a tracking ID. Outside of the Argo CD namespace, its form is `<namespace>_<name>`.
    ///
    /// Source: <https://argo-cd.readthedocs.io/en/stable/operator-manual/app-any-namespace/>.
    pub(super) fn tracked(text: &str) -> Self {
        match text.split_once('_') {
            Some((namespace, name)) => Self { namespace: Some(namespace.to_owned()), name: name.to_owned() },
            None => Self { namespace: None, name: text.to_owned() },
        }
    }
}

impl fmt::Display for Application {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(out, "{namespace}/{}", self.name),
            None => out.write_str(&self.name),
        }
    }
}

/// The Applications in a cluster. Empty if there are none, or if they cannot be read.
#[derive(Debug, Default)]
pub(super) struct Applications(Vec<Value>);

impl Applications {
    /// Reads the Applications of a list.
    pub(super) fn new(list: &Value) -> Self {
        Self(list["items"].as_array().cloned().unwrap_or_default())
    }

    /// Returns the Applications that deploy an object.
    pub(super) fn of(&self, live: &Value) -> BTreeSet<Application> {
        let tracking = live["metadata"]["annotations"][TRACKING_ID].as_str();
        if let Some(name) = tracking.and_then(|id| id.split(':').next()) {
            return [Application::tracked(name)].into();
        }
        let has = |it: &&Value| {
            let destination = &it["spec"]["destination"];
            let is_here = [&destination["server"], &destination["name"]]
                .into_iter()
                .any(|it| it.as_str().is_some_and(|it| IN_CLUSTER.contains(&it.trim_end_matches('/'))));
            is_here && it["status"]["resources"].as_array().into_iter().flatten().any(|row| is_object(row, live))
        };
        let named = |it: &Value| Application {
            namespace: it["metadata"]["namespace"].as_str().map(str::to_owned),
            name: it["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
        };
        self.0.iter().filter(has).map(named).collect()
    }

    /// Whether an Application reverts changes.
    pub(super) fn heals(&self, application: &Application) -> bool {
        let is_it = |it: &&Value| {
            let namespace = it["metadata"]["namespace"].as_str();
            it["metadata"]["name"] == application.name.as_str()
                && application.namespace.as_deref().is_none_or(|of| namespace == Some(of))
        };
        self.0.iter().filter(is_it).any(|it| it["spec"]["syncPolicy"]["automated"]["selfHeal"] == true)
    }
}

/// Whether a row in the status of an Application refers to an object.
fn is_object(row: &Value, live: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let version = text(&live["apiVersion"]);
    let group = version.split_once('/').map_or("", |(group, _)| group);
    text(&row["group"]) == group
        && text(&row["kind"]) == text(&live["kind"])
        && text(&row["namespace"]) == text(&live["metadata"]["namespace"])
        && text(&row["name"]) == text(&live["metadata"]["name"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application(namespace: &str, heals: bool, server: &str) -> Value {
        json!({
            "metadata": { "name": "shop", "namespace": namespace },
            "spec": { "destination": { "server": server }, "syncPolicy": { "automated": { "selfHeal": heals } } },
            "status": { "resources": [{ "group": "apps", "kind": "Deployment", "namespace": "shop", "name": "orders" }] }
        })
    }

    fn deployment(metadata: Value) -> Value {
        let mut live = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata });
        live["metadata"]["namespace"] = json!("shop");
        live["metadata"]["name"] = json!("orders");
        live
    }

    #[test]
    fn distinguishes_applications_by_namespace() {
        let here = IN_CLUSTER[0];
        let list = json!({ "items": [application("argocd", false, here), application("team", true, here)] });
        let all = Applications::new(&list);
        let tracked = |id: &str| deployment(json!({ "annotations": { TRACKING_ID: id } }));
        let of_team = all.of(&tracked("team_shop:apps/Deployment:shop/orders")).pop_first().unwrap();
        assert_eq!((of_team.to_string().as_str(), all.heals(&of_team)), ("team/shop", true));
        let other = Application::tracked("argocd_shop");
        assert!(!all.heals(&other));
        // The namespace of Argo CD is unknown, so one Application with `selfHeal` is enough.
        assert!(all.heals(&Application::tracked("shop")));
    }

    #[test]
    fn uses_status_of_local_applications_without_annotation() {
        let by_label = deployment(json!({ "labels": { "app.kubernetes.io/instance": "shop" } }));
        let of =
            |server: &str| Applications::new(&json!({ "items": [application("argocd", true, server)] })).of(&by_label);
        let found: Vec<String> = of("https://kubernetes.default.svc").iter().map(ToString::to_string).collect();
        assert_eq!(found, ["argocd/shop"]);
        assert!(of("https://other.example.com").is_empty(), "it deploys to another cluster");
        assert!(Applications::default().of(&by_label).is_empty(), "charts set the label too");
    }
}
