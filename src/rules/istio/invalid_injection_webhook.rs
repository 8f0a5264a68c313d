//! Injection webhooks of Istio overlap, or call a service that does not exist.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - two webhooks of Istio whose selectors match the same pods
//! - a webhook whose Service is not defined. In manifests that do not contain the complete namespace, this is a note,
//!   unless a Service with a similar name exists.
//!
//! # Why it matters
//!
//! Two webhooks inject the same pods twice, from two control planes. Usually, a removed revision left its configuration
//! behind. A webhook without its Service blocks or ignores every new pod, according to its `failurePolicy`.
//!
//! # Fix
//!
//! Remove the configuration of the removed revision, or restrict its selectors.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0139/>

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::rules::index::exports::selects;
use crate::rules::index::pods::called;
use crate::rules::index::{ADMISSION, CORE, Item, Mesh, items, label};
use crate::val::Data;

const REVISION: &str = "istio.io/rev";

/// A webhook of a configuration.
struct Hook<'a> {
    item: &'a Item<'a>,
    path: String,
    body: &'a Data,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    let hooks: Vec<Hook<'_>> = mesh
        .all(ADMISSION, "MutatingWebhookConfiguration")
        .iter()
        .filter(|item| is_of_istio(item))
        .flat_map(|item| items(item.object.body.at("webhooks"), "webhooks").map(move |(path, body)| Hook { item, path, body }))
        .collect();
    overlaps(mesh, &hooks, out);
    for hook in &hooks {
        let text = |path: &str| hook.body.at(path).and_then(Data::as_str);
        let (Some(name), Some(namespace)) = (text("clientConfig.service.name"), text("clientConfig.service.namespace")) else { continue };
        let place = (hook.item.place.0, namespace);
        if mesh.may_be_missing(CORE, "Service", place, name) {
            let message = format!("{} calls the service `{name}` of namespace `{namespace}`, which is not defined", called(hook.item.object));
            let field = format!("{}.clientConfig.service.name", hook.path);
            let diagnostic = mesh.model.error(hook.item.id, "MS0832", message).field(field).help("refer to the service of istiod, or remove the webhook");
            out.push(mesh.unresolved(diagnostic, mesh.near(CORE, "Service", place, name)));
        }
    }
}

fn is_of_istio(item: &Item<'_>) -> bool {
    let is_named = |(_, hook): (String, &Data)| hook.at("name").and_then(Data::as_str).is_some_and(|name| name.ends_with("istio.io"));
    label(&item.object.body, REVISION).is_some() || items(item.object.body.at("webhooks"), "").any(is_named)
}

/// Reports webhooks that select the same pods, for all combinations of the injection labels.
fn overlaps(mesh: &Mesh<'_>, hooks: &[Hook<'_>], out: &mut Vec<Diagnostic>) {
    let revisions: BTreeSet<&str> = hooks.iter().flat_map(revisions).collect();
    let revisions = || revisions.iter().copied().map(Some).chain([None]);
    let mut told = BTreeSet::new();
    for (of_namespace, of_pods) in [None, Some("enabled"), Some("disabled")].into_iter().flat_map(|it| [None, Some("true"), Some("false")].map(|pods| (it, pods))) {
        for (namespace_rev, pods_rev) in revisions().flat_map(|it| revisions().map(move |pods| (it, pods))) {
            let namespace = |key: &str| if key == REVISION { namespace_rev } else { of_namespace.filter(|_| key == "istio-injection") };
            let pods = |key: &str| if key == REVISION { pods_rev } else { of_pods.filter(|_| key == "sidecar.istio.io/inject") };
            let taken: Vec<usize> = (0..hooks.len())
                .filter(|idx| {
                    let body = hooks[*idx].body;
                    selects(body.at("namespaceSelector"), namespace) && selects(body.at("objectSelector"), pods)
                })
                .collect();
            for idx in &taken {
                let Some(other) = taken.iter().find(|other| *other != idx) else { continue };
                if told.insert(*idx) {
                    let (hook, other) = (&hooks[*idx], &hooks[*other]);
                    let message = format!("{} selects pods that another webhook also selects, so they are injected twice", called(hook.item.object));
                    out.push(
                        mesh.model
                            .error(hook.item.id, "MS0832", message)
                            .field(hook.path.clone())
                            .note_at(format!("`{}` of {} is the other webhook", other.path, called(other.item.object)), mesh.model.node(other.item.id).at)
                            .help("remove the webhooks of removed revisions, or narrow the selectors"),
                    );
                }
            }
        }
    }
}

/// Returns the revisions that a webhook selects.
fn revisions<'a>(hook: &Hook<'a>) -> Vec<&'a str> {
    let mut found: Vec<&str> = label(&hook.item.object.body, REVISION).into_iter().collect();
    for selector in ["namespaceSelector", "objectSelector"].into_iter().filter_map(|key| hook.body.at(key)) {
        let exact = selector.at("matchLabels").and_then(Data::as_map).and_then(|it| it.get(REVISION)).and_then(Data::as_str);
        found.extend(exact);
        for (_, expression) in items(selector.at("matchExpressions"), "") {
            if expression.at("key").and_then(Data::as_str) == Some(REVISION) {
                found.extend(expression.at("values").map(Data::items).unwrap_or_default().iter().filter_map(Data::as_str));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{noted, open};

    fn webhook(name: &str, labels: &str) -> String {
        format!(
            "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {{ name: {name} }}\n\
             webhooks: [{{ name: rev.sidecar-injector.istio.io, sideEffects: None, admissionReviewVersions: [v1], \
             clientConfig: {{ service: {{ name: istiod, namespace: istio-system }} }}, namespaceSelector: {{ matchLabels: {{ {labels} }} }} }}]\n"
        )
    }

    const ISTIOD: &str = "---\napiVersion: v1\nkind: Service\nmetadata: { name: istiod, namespace: istio-system }\nspec: { selector: { app: istiod }, ports: [{ name: https, port: 443 }] }\n";

    #[test]
    fn reports_both_webhooks_that_select_the_same_pods() {
        let both = webhook("a", "istio-injection: enabled") + &webhook("b", "istio-injection: enabled") + ISTIOD;
        assert_eq!(open(&both), ["MS0832", "MS0832"]);
    }

    #[test]
    fn accepts_webhooks_of_different_revisions() {
        let both = webhook("a", "istio.io/rev: v1") + &webhook("b", "istio.io/rev: v2") + ISTIOD;
        assert_eq!(open(&both), [""; 0]);
    }

    #[test]
    fn reports_a_webhook_whose_service_does_not_exist() {
        assert_eq!(noted(&webhook("a", "istio-injection: enabled")), ["MS0832"]);
    }
}
