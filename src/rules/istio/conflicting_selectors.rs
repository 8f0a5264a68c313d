//! Two Istio objects of an exclusive kind select the same workload.
//!
//! # What it reports
//!
//! Two `Sidecar`, `Telemetry` or `PeerAuthentication` objects of one namespace have the same labels in their selectors,
//! or select the same pods. Objects with a target reference are not checked.
//!
//! # Why it matters
//!
//! Istio applies one `Sidecar` and one `Telemetry` with a selector to a workload, and does not define which of two it
//! uses. Of two `PeerAuthentication` objects, it uses the older one, so the result depends on the order of creation.
//!
//! # Fix
//!
//! Put the settings into one object, or change the selectors so that no pod matches both.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0110/>,
//! <https://istio.io/latest/docs/reference/config/analysis/ist0159/>

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::rules::index::exports::selector_text;
use crate::rules::index::pods::called;
use crate::rules::index::{Item, Mesh, NETWORKING, SECURITY, TELEMETRY};
use crate::tree::NodeId;
use crate::val::Data;

/// The kinds of which at most one object applies to a workload, and their selector fields.
pub(super) const EXCLUSIVE: [(&str, &str, &str); 3] = [
    (NETWORKING, "Sidecar", "spec.workloadSelector"),
    (SECURITY, "PeerAuthentication", "spec.selector"),
    (TELEMETRY, "Telemetry", "spec.selector"),
];

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for (group, kind, path) in EXCLUSIVE {
        let mut by_pods: FastMap<NodeId, Vec<&Item<'_>>> = FastMap::default();
        let mut by_labels: FastMap<_, Vec<&Item<'_>>> = FastMap::default();
        let mut found = Vec::new();
        for policy in mesh.all(group, kind) {
            // An object with a target reference does not use its selector.
            if ["spec.targetRef", "spec.targetRefs"].iter().any(|path| policy.object.body.at(path).is_some()) {
                continue;
            }
            let labels = ["matchLabels", "labels"].into_iter().find_map(|key| policy.object.body.at(&format!("{path}.{key}")));
            let Some(labels) = labels.and_then(Data::as_map).filter(|labels| !labels.is_empty()) else { continue };
            let pods: Vec<NodeId> = mesh.pods.selected(policy.place, labels).into_iter().flatten().map(|pods| pods.id).collect();
            for id in &pods {
                by_pods.entry(*id).or_default().push(policy);
            }
            let key = (policy.place, selector_text(labels));
            by_labels.entry(key.clone()).or_default().push(policy);
            found.push((policy, pods, key));
        }
        for (policy, pods, key) in found {
            let is_other = |other: &&&Item<'_>| !other.is_same(policy);
            let shared = pods.iter().find_map(|id| Some((*id, *by_pods[id].iter().find(is_other)?)));
            let equal = by_labels[&key].iter().find(is_other);
            let Some(other) = shared.map(|(_, other)| other).or(equal.copied()) else { continue };
            let message = format!("{} selects a workload that another {kind} also selects: {}", called(policy.object), called(other.object));
            let mut diagnostic = mesh
                .model
                .error(policy.id, "MS0824", message)
                .field(path)
                .note_at("the other object is defined here", mesh.model.node(other.id).at)
                .help("define the settings of both in one object, or narrow the selectors");
            if let Some((id, _)) = shared {
                diagnostic = diagnostic.note_at("both select these pods", mesh.model.node(id).at);
            }
            out.push(diagnostic);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{open, with_orders};

    fn two(one: &str, other: &str) -> String {
        let telemetry = |name: &str, labels: &str| {
            format!(
                "---\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {{ name: {name} }}\n\
                 spec: {{ selector: {{ matchLabels: {{ {labels} }} }}, tracing: [{{ randomSamplingPercentage: 10 }}] }}\n"
            )
        };
        with_orders(&(telemetry("a", one) + &telemetry("b", other)))
    }

    #[test]
    fn reports_both_objects_that_select_the_same_pods() {
        assert_eq!(open(&two("app: orders", "app: orders")), ["MS0824", "MS0824"]);
        assert_eq!(open(&two("app: orders", "version: v1")), ["MS0824", "MS0824"]);
    }

    #[test]
    fn accepts_selectors_of_different_pods() {
        assert_eq!(open(&two("version: v2", "version: v1")), [""; 0]);
    }
}
