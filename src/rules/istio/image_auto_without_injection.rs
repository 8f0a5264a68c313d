//! A container has the image `auto`, but the webhook does not inject its pods.
//!
//! # What it reports
//!
//! The labels of the pods and of their namespace do not match an injection webhook. If the input contains webhooks of
//! Istio, their selectors are used. Otherwise, the default labels of Istio are used. If manifests do not contain the
//! namespace, the finding is a warning.
//!
//! # Why it matters
//!
//! `image: auto` is a placeholder for the image that the injection webhook writes. If the webhook does not select the
//! pods, they are created unchanged, and no node can pull `auto`.
//!
//! # Fix
//!
//! Add the label `sidecar.istio.io/inject: "true"` (or the revision) to the pods, or `istio-injection: enabled` to the
//! namespace.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0146/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0147/>

use crate::diag::{Diagnostic, Severity};
use crate::rules::index::exports::selects;
use crate::rules::index::pods::{Pods, called, place};
use crate::rules::index::{ADMISSION, Mesh, items, label};
use crate::val::{Bag, Data};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for pods in mesh.pods.all() {
        let is_auto = |container: &Bag| container.get("image").and_then(Data::as_str) == Some("auto");
        let Some((path, _)) = pods.numbered().find(|(_, container)| is_auto(container)) else { continue };
        let Some(false) = is_injected(mesh, pods) else { continue };
        let message = format!("a container of {} has the image `auto`, but its pods have no sidecar injection", called(pods.object));
        let diagnostic = mesh
            .model
            .error(pods.id, "MS0834", message)
            .field(format!("{path}.image"))
            .help("label the pods `sidecar.istio.io/inject: \"true\"`, or the namespace `istio-injection: enabled`");
        // A namespace that is missing in the input may have the label.
        let is_told = mesh.namespace(place(mesh.model, pods.id, pods.object)).is_some() || !mesh.model.is_open;
        out.push(if is_told { diagnostic } else { diagnostic.severity(Severity::Warning) });
    }
}

/// Whether a webhook selects the pods: one of the input, or otherwise the default webhook of Istio.
fn is_injected(mesh: &Mesh<'_>, pods: &Pods<'_>) -> Option<bool> {
    let namespace = mesh.namespace(place(mesh.model, pods.id, pods.object));
    let of_namespace = |key: &str| namespace.and_then(|namespace| label(&namespace.object.body, key));
    let hooks: Vec<&Data> = mesh
        .all(ADMISSION, "MutatingWebhookConfiguration")
        .iter()
        .flat_map(|item| items(item.object.body.at("webhooks"), "").map(|(_, hook)| hook))
        .filter(|hook| hook.at("name").and_then(Data::as_str).is_some_and(|name| name.ends_with("istio.io")))
        .collect();
    if !hooks.is_empty() {
        return Some(hooks.iter().any(|hook| {
            selects(hook.at("namespaceSelector"), of_namespace) && selects(hook.at("objectSelector"), |key| pods.label(key))
        }));
    }
    let is_wanted = pods.label("sidecar.istio.io/inject") == Some("true") || pods.label("istio.io/rev").is_some();
    if is_wanted {
        return Some(true);
    }
    namespace.map(|_| of_namespace("istio-injection") == Some("enabled") || of_namespace("istio.io/rev").is_some())
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn gateway(namespace: &str, pods: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{ name: shop, labels: {{ {namespace} }} }}\n\
             ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: ingress }}\n\
             spec:\n  selector: {{ matchLabels: {{ istio: ingress }} }}\n  template:\n    metadata: {{ labels: {{ istio: ingress {pods} }}, annotations: {{ inject.istio.io/templates: gateway }} }}\n    spec: {{ containers: [{{ name: istio-proxy, image: auto }}] }}\n"
        )
    }

    #[test]
    fn reports_pods_that_are_not_injected() {
        assert_eq!(open(&gateway("a: b", "")), ["MS0834"]);
        assert_eq!(fields(&gateway("a: b", "")), ["spec.template.spec.containers[0].image"]);
    }

    #[test]
    fn accepts_pods_that_are_injected() {
        assert_eq!(open(&gateway("istio-injection: enabled", "")), [""; 0]);
        assert_eq!(open(&gateway("a: b", ", sidecar.istio.io/inject: 'true'")), [""; 0]);
    }
}
