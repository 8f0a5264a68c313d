//! The selector of an Istio object selects no workload.
//!
//! # What it reports
//!
//! The rule checks the selectors of a `Sidecar`, `Telemetry`, `RequestAuthentication`, `PeerAuthentication`,
//! `WasmPlugin`, `EnvoyFilter`, `ProxyConfig`, `DestinationRule` and `ServiceEntry`. It reports a selector whose labels
//! no pod and no `WorkloadEntry` of the namespace has. In the root namespace (`istio-system`), a policy applies to pods
//! of all namespaces. If manifests do not contain all pods, the finding is a note.
//!
//! # Why it matters
//!
//! A selector applies only to pods of the same namespace that have all labels. Without such pods, the object silently
//! has no effect.
//!
//! # Fix
//!
//! Use labels of a pod template (not those of the `Deployment`), and define the object in the namespace of the pods.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0101/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0127/>

use crate::diag::Diagnostic;
use crate::facts;
use crate::rules::index::exports::{ROOT, selector_text};
use crate::rules::index::pods::called;
use crate::rules::index::{EXTENSIONS, Item, Mesh, NETWORKING, SECURITY, TELEMETRY, named};
use crate::val::{Bag, Data};

/// The kinds that select workloads, and their selector fields.
const SELECTING: [(&str, &str, &str); 9] = [
    (NETWORKING, "DestinationRule", "spec.workloadSelector.matchLabels"),
    (NETWORKING, "EnvoyFilter", "spec.workloadSelector.labels"),
    (NETWORKING, "ProxyConfig", "spec.selector.matchLabels"),
    (NETWORKING, "ServiceEntry", "spec.workloadSelector.labels"),
    (NETWORKING, "Sidecar", "spec.workloadSelector.labels"),
    (SECURITY, "PeerAuthentication", "spec.selector.matchLabels"),
    (SECURITY, "RequestAuthentication", "spec.selector.matchLabels"),
    (EXTENSIONS, "WasmPlugin", "spec.selector.matchLabels"),
    (TELEMETRY, "Telemetry", "spec.selector.matchLabels"),
];

/// The label of pods that istiod creates for a `Gateway` of the Gateway API. Manifests do not contain these pods.
pub(super) const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for (group, kind, path) in SELECTING {
        for policy in mesh.all(group, kind) {
            let labels = policy.object.body.at(path).and_then(Data::as_map);
            let Some(labels) = labels.filter(|labels| labels.get(GATEWAY_NAME).is_none()) else { continue };
            judge(mesh, policy, labels, path, out);
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, labels: &'a Bag, path: &str, out: &mut Vec<Diagnostic>) {
    let is_selected = mesh.selected_by(policy, labels).is_none_or(|found| !found.is_empty());
    if is_selected || mesh.has_machine(policy.place, labels) {
        return;
    }
    let is_known = match policy.place.1 {
        // The pods of the whole mesh are known only in complete input without Helm releases.
        ROOT => !mesh.model.is_open && mesh.model.releases().count() == 0,
        _ => mesh.has_all_pods(policy.place),
    };
    if !is_known && !mesh.is_open_at(policy.place) {
        return;
    }
    let message = format!("{} does not select any workload: no pod has the labels `{}`", called(policy.object), selector_text(labels));
    let diagnostic = mesh.model.error(policy.id, "MS0823", message).field(path);
    out.push(match (near(mesh, policy, labels), is_known) {
        (Some(help), true) => diagnostic.help(help),
        (None, true) => diagnostic.help("use labels of a pod template in the same namespace"),
        (_, false) => mesh.unresolved(diagnostic, None),
    });
}

/// Returns a suggestion: another namespace with these labels, or the values of a label that no pod matches.
fn near<'a>(mesh: &Mesh<'a>, policy: &Item<'a>, labels: &'a Bag) -> Option<String> {
    let pods = || mesh.pods.all().filter(|pods| mesh.model.target_of(pods.id) == policy.place.0);
    if let Some(found) = mesh.pods.selected_anywhere(policy.place.0, labels).and_then(|found| found.first().copied()) {
        let namespace = found.object.namespace.as_deref().unwrap_or_default();
        return Some(format!("{} of namespace `{namespace}` has these labels: define the policy there, because a selector applies only to its own namespace", called(found.object)));
    }
    labels.iter().find_map(|(key, value)| {
        let here = pods().filter(|pods| pods.object.namespace.as_deref() == Some(policy.place.1));
        let values: Vec<&str> = here.filter_map(|pods| pods.label(key)).collect();
        let wanted = value.as_str()?;
        match facts::nearest(wanted, values.iter().copied()) {
            Some(near) if near != wanted => Some(format!("did you mean `{key}: {near}`?")),
            _ if values.is_empty() || values.contains(&wanted) => None,
            _ => Some(format!("use a value of the label `{key}` that pods have: {}", named(values))),
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, noted, open, with_orders};

    fn sidecar(labels: &str, namespace: &str) -> String {
        with_orders(&format!(
            "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{ name: orders, namespace: {namespace} }}\n\
             spec: {{ workloadSelector: {{ labels: {{ {labels} }} }}, egress: [{{ hosts: ['./*'] }}] }}\n"
        ))
    }

    #[test]
    fn reports_labels_that_no_pods_have() {
        assert_eq!(open(&sidecar("app: order", "shop")), ["MS0823"]);
        assert_eq!(fields(&sidecar("app: order", "shop")), ["spec.workloadSelector.labels"]);
    }

    #[test]
    fn accepts_labels_that_some_pods_have() {
        assert_eq!(open(&sidecar("app: orders", "shop")), [""; 0]);
        assert_eq!(open(&sidecar("app: orders, version: v2", "shop")), [""; 0]);
    }

    #[test]
    fn notes_pods_that_may_exist_elsewhere() {
        assert_eq!(noted(&sidecar("app: orders", "other")), ["MS0823"]);
    }

    #[test]
    fn applies_root_policies_to_all_namespaces() {
        let policy = |labels: &str| {
            with_orders(&format!(
                "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{ name: a, namespace: istio-system }}\n\
                 spec: {{ selector: {{ matchLabels: {{ {labels} }} }} }}\n"
            ))
        };
        assert_eq!(open(&policy("app: orders")), [""; 0]);
        assert_eq!(noted(&policy("app: web")), ["MS0823"]);
    }

    #[test]
    fn a_virtual_machine_is_a_workload() {
        let machine = "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: vm }\n\
                       spec: { address: 10.0.0.9, labels: { app: order } }\n";
        assert_eq!(open(&(sidecar("app: order", "shop") + machine)), [""; 0]);
    }
}
