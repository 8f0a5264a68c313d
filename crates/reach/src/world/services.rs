//! The Services of workloads.

use std::collections::HashMap;

use meshsynth_access::kubernetes::Selector;

use super::object::Cluster;
use super::workload::Workload;

/// Returns the positions of each workload's Services among the objects of its cluster.
pub(super) fn places(clusters: &[Cluster], workloads: &[Workload]) -> Vec<Vec<usize>> {
    let mut by_namespace: HashMap<(usize, &str), Vec<(usize, Selector)>> = HashMap::new();
    for (cluster, of) in clusters.iter().enumerate() {
        for (at, object) in of.objects.iter().enumerate().filter(|(_, it)| it.kind == "Service") {
            let selector = &object.document["spec"]["selector"];
            if selector.as_object().is_some_and(|map| !map.is_empty()) {
                let namespace = by_namespace.entry((cluster, &object.namespace)).or_default();
                namespace.push((at, Selector::labels(selector)));
            }
        }
    }
    let of = |workload: &Workload| {
        let near = by_namespace.get(&(workload.cluster, workload.namespace.as_str())).into_iter().flatten();
        near.filter(|(_, selector)| selector.selects(&workload.labels)).map(|(at, _)| *at).collect()
    };
    workloads.iter().map(of).collect()
}
