//! Pods do not tolerate the taints of any node group that matches them.
//!
//! # What it reports
//!
//! All node groups that match the node selector and the affinity of a workload have a taint that its pods do not
//! tolerate. A taint that no workload tolerates is reported for its node group as `MS0434`, a warning.
//!
//! Clusters that create nodes themselves (EKS Auto Mode, Karpenter), existing clusters, and clusters without a node
//! group are not checked.
//!
//! # Why it matters
//!
//! The pods remain `Pending`. A node group whose taint no workload tolerates costs money but stays empty.
//!
//! # Fix
//!
//! Add a toleration to the pods (`Placement::tolerate`), or remove the taint from a node group that should run them.
//!
//! Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>

use super::pods_without_nodes::{for_each, selected};
use crate::diag::Diagnostic;
use crate::rules::index::nodes::{self, Nodes, Taint};
use crate::rules::index::pods::{self, called};
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let known = nodes::known(model);
    for_each(model, &known, |pods, nodes| {
        let mut groups = nodes.groups.iter().filter(|group| selected(group, pods.spec)).peekable();
        if groups.peek().is_none() {
            return;
        }
        // One node group without a taint is enough.
        let kept_off: Option<Vec<_>> =
            groups.map(|group| Some((group.id, group.taints().find(|taint| !taint.is_tolerated(pods.spec))?))).collect();
        let Some(kept_off) = kept_off else { return };
        let Some((group, taint)) = kept_off.first() else { return };
        let message = format!("{} does not tolerate the taint `{taint}`, which all its possible nodes have", called(pods.object));
        out.push(
            model
                .error(pods.id, "MS0433", message)
                .field(pods.field("spec.tolerations"))
                .note_at("the node group is defined here", model.node(*group).at)
                .help("add a toleration, such as `Placement::default().tolerate(…)`, or a node group without taints"),
        );
    });
    for (target, nodes) in &known {
        idle(model, *target, nodes, out);
    }
}

/// Reports groups with a taint that no pod tolerates.
fn idle(model: &Model, target: NodeId, nodes: &Nodes<'_>, out: &mut Vec<Diagnostic>) {
    for group in &nodes.groups {
        let Some(taint) = group.taints().find(|taint| !is_tolerated_by_anybody(model, target, taint)) else { continue };
        let message = format!("no pod of the cluster tolerates the taint `{taint}` of the node group, so its nodes stay empty");
        out.push(
            model
                .warning(group.id, "MS0434", message)
                .field("Taints")
                .help("add a toleration to the pods for these nodes, such as `Placement::default().tolerate(…)`, or remove the taint"),
        );
    }
}

fn is_tolerated_by_anybody(model: &Model, target: NodeId, taint: &Taint<'_>) -> bool {
    let mut pods = pods::all(model).filter(|it| it.object.kind != "DaemonSet" && model.target_of(it.id) == Some(target));
    let mut releases = model.releases().filter(|(id, _)| model.target_of(*id) == Some(target));
    pods.any(|it| taint.is_tolerated(it.spec)) || releases.any(|(_, release)| is_tolerated_in(taint, &release.values))
}

/// Whether the values of a chart contain a matching toleration at any depth.
fn is_tolerated_in(taint: &Taint<'_>, values: &Bag) -> bool {
    values.iter().any(|(key, value)| match value {
        Data::List(items) if key.to_ascii_lowercase().ends_with("tolerations") => items.iter().any(|it| taint.is_tolerated_by(it)),
        Data::List(items) => items.iter().filter_map(Data::as_map).any(|it| is_tolerated_in(taint, it)),
        Data::Map(inner) => is_tolerated_in(taint, inner),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::cfn::eks::nodegroup::Effect;
    use crate::eks::{Cluster, NodeGroupProps, Taint};
    use crate::kube::core::TolerationEffect;
    use crate::mesh::{Namespace, Placement, Workload, WorkloadProps};
    use crate::testing::{codes, stack};
    use crate::aws;

    fn with(placement: Placement, has_main: bool) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = aws::Vpc::new(&run, "vpc", Default::default());
            let cluster = Cluster::new(&run, "cluster", &vpc, Default::default());
            if has_main {
                cluster.add_node_group("main", NodeGroupProps::default());
            }
            let taint = Taint { key: "team".to_owned(), value: "batch".to_owned(), effect: Effect::NoSchedule };
            cluster.add_node_group("batch", NodeGroupProps { taints: vec![taint], ..Default::default() });
            let shop = Namespace::new(&run, "shop", &cluster, Default::default());
            let props = WorkloadProps { placement, ..Default::default() };
            Workload::new(&shop, "orders", "registry.example/orders:1.0.0", props);
        })
    }

    #[test]
    fn warns_about_a_taint_that_no_pod_tolerates() {
        assert_eq!(with(Placement::default(), true), ["MS0434"]);
    }

    #[test]
    fn reports_a_workload_whose_nodes_are_all_tainted() {
        assert_eq!(with(Placement::default(), false), ["MS0433", "MS0434"]);
        let other = Placement::default().tolerate("team", "web", TolerationEffect::NoSchedule);
        assert_eq!(with(other, false), ["MS0433", "MS0434"]);
    }

    #[test]
    fn accepts_a_toleration() {
        let batch = || Placement::default().tolerate("team", "batch", TolerationEffect::NoSchedule);
        assert_eq!(with(batch(), false), [""; 0]);
        assert_eq!(with(batch(), true), [""; 0]);
    }
}
