//! Paths to workloads without a declared relation.

use std::collections::BTreeMap;

use super::declared::Declared;
use super::exposed::Exposed;
use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::engine::Engine;
use crate::link::{Layer, Verdict};
use crate::world::WorkloadId;

/// Workloads that are reachable without a relation, for one common reason.
#[derive(Clone, Debug)]
pub struct Open {
    /// The cluster of the workloads.
    pub cluster: usize,
    /// The callers; empty if every workload of the cluster can call them, because no policy applies.
    pub from: Vec<String>,
    /// The reachable workloads.
    pub to: Vec<WorkloadId>,
    /// The answer for the first path.
    pub answer: Answer,
}

/// Returns every certainly open path to a workload without a relation. Gateways and waypoints are omitted, because they
/// are intended to be called.
pub fn open(engine: &Engine<'_>) -> Vec<Open> {
    let world = engine.world();
    let declared = Declared::new(world);
    let mut found = Vec::new();
    for cluster in 0..world.clusters.len() {
        let members = engine.policies(cluster).members();
        let pods: Vec<WorkloadId> = members.iter().copied().filter(|it| !engine.is_proxy(*it)).collect();
        let exposed = Exposed::new(&world.clusters[cluster]);
        let mut unguarded: Vec<(WorkloadId, Answer)> = Vec::new();
        let mut admitted: BTreeMap<String, Vec<(Answer, WorkloadId)>> = BTreeMap::new();
        for to in pods.iter().copied() {
            let path = world.object_of(to).at.construct.as_str();
            let is_asked_for = |from: WorkloadId| declared.has(&Source::Workload(from), path);
            let others = || pods.iter().copied().filter(|from| *from != to && !is_asked_for(*from));
            let ask = |source: &Source| engine.connects_for(source, &Target::Workload(to, None), Verdict::Allowed);
            if !declared.has(&Source::Internet, path)
                && exposed.has(world, to)
                && let Some(answer) = ask(&Source::Internet)
            {
                admitted.entry(cause(&answer).unwrap_or_default()).or_default().push((answer, to));
            }
            // If no policy restricts access, the first caller represents all of them.
            if let Some(answer) = others().next().and_then(|from| ask(&Source::Workload(from)))
                && cause(&answer).is_none()
            {
                unguarded.push((to, answer));
                continue;
            }
            let callers = engine.callers_of(to);
            let mut callers: Vec<WorkloadId> = callers.into_iter().map(|it| it.from).collect();
            callers.dedup();
            for from in callers.into_iter().filter(|it| *it != to && !engine.is_proxy(*it) && !is_asked_for(*it)) {
                let Some(answer) = ask(&Source::Workload(from)) else { continue };
                admitted.entry(cause(&answer).unwrap_or_default()).or_default().push((answer, to));
            }
        }
        found.extend(together(cluster, admitted));
        if let Some((_, answer)) = unguarded.first().cloned() {
            let to = unguarded.into_iter().map(|it| it.0).collect();
            found.push(Open { cluster, from: Vec::new(), to, answer });
        }
    }
    found
}

/// Returns the innermost object that admits a call, or `None` if no object applies to it.
fn cause(answer: &Answer) -> Option<String> {
    let is_guard =
        |layer: Layer| matches!(layer, Layer::Entry | Layer::NetworkPolicy | Layer::MutualTls | Layer::Authorization);
    answer.chain.iter().rev().find(|it| is_guard(it.layer) && it.at.is_some()).map(|it| it.what.clone())
}

/// Groups paths by the admitting object, and merges groups with the same callers.
fn together(cluster: usize, admitted: BTreeMap<String, Vec<(Answer, WorkloadId)>>) -> Vec<Open> {
    let mut found: Vec<Open> = Vec::new();
    for ways in admitted.into_values() {
        let mut from: Vec<String> = ways.iter().map(|it| it.0.from.clone()).collect();
        from.sort();
        from.dedup();
        let mut to: Vec<WorkloadId> = ways.iter().map(|it| it.1).collect();
        to.dedup();
        match found.iter_mut().find(|it| it.from == from) {
            Some(same) => same.to.extend(to),
            None => found.extend(ways.into_iter().next().map(|(answer, _)| Open { cluster, from, to, answer })),
        }
    }
    found
}
