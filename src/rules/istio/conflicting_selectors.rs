//! Two objects of Istio of a kind that allows one for each workload select the same workload.
//!
//! A workload takes one `Sidecar` and one `Telemetry` of its namespace that selects
//! it; which of two is not defined. Of two `PeerAuthentication` objects the older
//! one counts, so the outcome depends on the order in which they were created.
//!
//! Put the settings into one object, or narrow the selectors until no pod has the
//! labels of both.
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

/// The kinds of which one object at most is for a workload, and the field in which they select it.
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
            // What is attached to a target has no use for a selector.
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
            let message = format!("{} selects the workload of another {kind}: {}", called(policy.object), called(other.object));
            let mut diagnostic = mesh
                .model
                .error(policy.id, "MS0824", message)
                .field(path)
                .note_at("the other is defined here", mesh.model.node(other.id).at)
                .help("put the settings of both into one object, or narrow the selectors");
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
    fn two_that_select_the_same_pods_are_an_error_at_both() {
        assert_eq!(open(&two("app: orders", "app: orders")), ["MS0824", "MS0824"]);
        assert_eq!(open(&two("app: orders", "version: v1")), ["MS0824", "MS0824"]);
    }

    #[test]
    fn two_that_select_other_pods_are_fine() {
        assert_eq!(open(&two("version: v2", "version: v1")), [""; 0]);
    }
}
