//! A workload calls another workload that is deployed later.
//!
//! # What it reports
//!
//! A workload that other workloads wait for (`after`) calls a workload of a later wave.
//!
//! # Why it matters
//!
//! `orders.after(&migration)` deploys the migration first, waits until it has completed, and then deploys the other
//! workloads. If the migration calls one of these workloads, it fails in a new cluster, because the callee does not
//! exist yet. The deployment continues only after the migration has completed.
//!
//! # Fix
//!
//! Deploy the callee first with `migration.after(&callee)`, or remove the call.
//!
//! Source: <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>

use crate::diag::Diagnostic;
use crate::hash::FastMap;
use crate::node::{EdgeKind, Wave};
use crate::synth::{Link, Model};
use crate::tree::NodeId;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let waves = waves(model);
    let wave = |workload| waves.get(&workload).copied();
    for edge in model.edges().filter(|edge| edge.kind == EdgeKind::Call && edge.from != edge.to) {
        let (Some(from @ Wave::Before(_)), Some(to)) = (wave(edge.from), wave(edge.to)) else { continue };
        if to <= from {
            continue;
        }
        let (caller, callee) = (&model.node(edge.from).id, &model.node(edge.to).id);
        let message = format!("`{caller}` is deployed before `{callee}`, which it calls");
        out.push(
            model
                .error(edge.from, "MS0448", message)
                .at(edge.at)
                .help(format!("deploy `{callee}` first with `{caller}.after(&{callee})`, or remove the call")),
        );
    }
}

/// Returns the first wave that deploys pods of each workload.
fn waves(model: &Model) -> FastMap<NodeId, Wave> {
    let mut waves = FastMap::default();
    for (_, node, object) in model.objects() {
        let Some(workload) = node.parent else { continue };
        if matches!(object.wave, Wave::Before(_) | Wave::Workloads) {
            let earliest = waves.entry(workload).or_insert(object.wave);
            *earliest = object.wave.min(*earliest);
        }
    }
    waves
}

#[cfg(test)]
mod tests {
    use crate::mesh::{Job, JobProps};
    use crate::testing::{codes, workload};

    fn codes_of(comes_first: bool) -> Vec<&'static str> {
        codes(|app| {
            let orders = workload(app);
            let job = |name: &str| Job::new(orders.namespace(), name, "registry.example/orders:1.4.0", JobProps::default());
            let (migration, import) = (job("migrate"), job("import"));
            import.after(&migration);
            migration.calls(&orders);
            if comes_first {
                migration.after(&orders);
            }
        })
    }

    #[test]
    fn reports_a_call_to_a_workload_of_a_later_wave() {
        assert_eq!(codes_of(false), ["MS0448"]);
    }

    #[test]
    fn accepts_a_call_to_a_workload_of_an_earlier_wave() {
        assert_eq!(codes_of(true), [""; 0]);
    }
}
