//! Resources that serve requests, and their interruptions.

use meshsynth_facts as facts;
use serde_json::Value;

use crate::change::{Change, Edit, Section};
use crate::effect::Verdict;
use crate::fate::Fate;
use crate::interruption::Interruption;

/// Whether the pods of a kind run permanently.
pub fn is_workload(kind: &str) -> bool {
    facts::kind(kind).is_permanent()
}

/// Adds to each change its interruption, according to verdict and type. An interruption that is already set remains.
pub fn mark(changes: &mut [Change]) {
    for change in changes.iter_mut().filter(|change| change.interrupts.is_none()) {
        change.interrupts = of(change);
    }
}

fn of(change: &Change) -> Option<Interruption> {
    let serves = match &change.section {
        Section::Stack(_) => facts::resource(&change.kind).is_serving,
        Section::Namespace(..) => is_workload(&change.kind) || facts::kind(&change.kind).is_route,
        Section::Helm(_) => true,
        Section::Files => false,
    };
    match change.verdict {
        Verdict::Interruption => Some(Interruption::Restart),
        _ if !serves => None,
        // A release that leaves the platform stays in the cluster, and a retained resource stays in AWS.
        Verdict::DeleteRetained => None,
        _ if change.gone => Some(Interruption::Removed),
        Verdict::Rename => Some(Interruption::Renamed),
        Verdict::Replace | Verdict::KubernetesImmutable => Some(Interruption::Replaced),
        Verdict::MayReplace => Some(Interruption::MayBeReplaced),
        // Some data loss leaves the store in place, such as a shorter retention.
        Verdict::DataLoss => change.data.iter().any(is_of_another).then_some(Interruption::Replaced),
        _ => None,
    }
}

/// Whether the store is removed or replaced by another one.
fn is_of_another(fate: &Fate) -> bool {
    matches!(fate, Fate::Removed(_)) || fate.starts_empty()
}

/// Returns the interruption of a workload, beyond its verdict.
pub fn of_object(kind: &str, verdict: Verdict, before: &Value, after: &Value, edits: &[Edit]) -> Option<Interruption> {
    if !is_workload(kind) {
        return None;
    }
    let replicas = |document: &Value| document["spec"]["replicas"].as_u64();
    if replicas(before) == Some(0) {
        return None;
    }
    let is_count = |edit: &&Edit| edit.is_below(&["spec", "replicas"]);
    if replicas(after) == Some(0) && edits.iter().any(|edit| is_count(&edit)) {
        return Some(Interruption::ScaledToZero);
    }
    if verdict != Verdict::RolloutRestart {
        return None;
    }
    let spec = &after["spec"];
    match kind {
        "Deployment" if spec["strategy"]["type"] == "Recreate" => Some(Interruption::AllPods),
        "Deployment" => takes_all(&spec["strategy"]["rollingUpdate"]["maxUnavailable"], replicas(after), 0),
        "StatefulSet" => {
            takes_all(&spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"], Some(replicas(after).unwrap_or(1)), 1)
        }
        "DaemonSet" => {
            let surge = &spec["updateStrategy"]["rollingUpdate"]["maxSurge"];
            let has_surge = !surge.is_null() && surge != 0 && surge != "0" && surge != "0%";
            (listens(spec) && !has_surge).then_some(Interruption::PodsOfNodes)
        }
        _ => None,
    }
}

/// Whether all pods may be unavailable at once. If the manifest has no number of replicas, a scaler decides it.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable>.
fn takes_all(unavailable: &Value, replicas: Option<u64>, default: u64) -> Option<Interruption> {
    let share = |text: &str| text.strip_suffix('%')?.parse::<u64>().ok();
    let takes_all = match (unavailable, replicas) {
        (Value::String(text), replicas) => {
            let share = share(text).unwrap_or_default();
            share >= 100 || replicas.is_some_and(|n| n * share / 100 >= n)
        }
        (unavailable, Some(n)) => unavailable.as_u64().unwrap_or(default) >= n,
        (_, None) => false,
    };
    takes_all.then_some(Interruption::AllPods)
}

/// Whether a container of the pods listens on a port.
fn listens(spec: &Value) -> bool {
    let containers = spec["template"]["spec"]["containers"].as_array().into_iter().flatten();
    containers.flat_map(|it| it["ports"].as_array()).any(|ports| !ports.is_empty())
}
