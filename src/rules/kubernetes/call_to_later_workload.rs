//! What others wait for calls a workload that is deployed after it.
//!
//! `orders.after(&migration)` deploys the migration, waits until it has ended, and deploys the workloads then. Where the
//! migration calls one of these, it fails in a new cluster: nothing answers yet, and nothing will, since the deployment waits.
//!
//! Let the callee come first too: `migration.after(&callee)`. Or leave out the call.
//!
//! Source: <https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/>

use crate::diag::Diagnostic;
use crate::node::{EdgeKind, Kind, Wave};
use crate::synth::{Link, Model};
use crate::tree::NodeId;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for edge in model.edges().filter(|edge| edge.kind == EdgeKind::Call && edge.from != edge.to) {
        let (Some(from @ Wave::Before(_)), Some(to)) = (wave(model, edge.from), wave(model, edge.to)) else { continue };
        if to <= from {
            continue;
        }
        let (caller, callee) = (&model.node(edge.from).id, &model.node(edge.to).id);
        let message = format!("`{caller}` is deployed before `{callee}`, which it calls");
        out.push(
            model
                .error(edge.from, "MS0448", message)
                .at(edge.at)
                .help(format!("let `{callee}` come first: `{caller}.after(&{callee})`, or leave out the call")),
        );
    }
}

/// When the pods of a workload are deployed.
fn wave(model: &Model, workload: NodeId) -> Option<Wave> {
    let makers = model.objects().filter(|(_, node, _)| node.parent == Some(workload));
    let waves = makers.filter_map(|(_, node, _)| match &node.kind {
        Kind::Object(object) => Some(object.wave),
        _ => None,
    });
    waves.filter(|wave| matches!(wave, Wave::Before(_) | Wave::Workloads)).min()
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
    fn a_call_to_what_comes_later_is_an_error() {
        assert_eq!(codes_of(false), ["MS0448"]);
    }

    #[test]
    fn a_call_to_what_comes_first_is_fine() {
        assert_eq!(codes_of(true), [""; 0]);
    }
}
