//! Karpenter has no node to run on.
//!
//! # What it reports
//!
//! A cluster of the program has a Helm release of the chart `karpenter`, but neither a node group nor a Fargate
//! profile. Existing clusters and clusters in EKS Auto Mode are not checked.
//!
//! # Why it matters
//!
//! The Karpenter controller does not run on nodes that it creates, because it could remove its own node. Without a
//! managed node group, its pods remain `Pending`, and so do all other pods.
//!
//! # Fix
//!
//! Add a small managed node group: `cluster.add_node_group("system", ..)`. The two pods of Karpenter need two nodes in
//! two zones.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/best-practices/karpenter.html>

use crate::diag::Diagnostic;
use crate::node::Kind;
use crate::synth::{Link, Model};
use crate::tree::NodeId;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, _) in model.releases().filter(|(_, release)| release.chart == "karpenter") {
        let Some(cluster) = model.target_of(id).and_then(|target| model.node(target).parent) else { continue };
        let below = |type_names: &[&str]| {
            let of_type = |kind: &Kind| matches!(kind, Kind::Resource(it) if type_names.contains(&&*it.type_name));
            model.nodes().any(|(id, node)| of_type(&node.kind) && is_below(model, id, cluster))
        };
        // The nodes of a cluster that is defined elsewhere are unknown. Another rule reports Auto Mode.
        let is_ours = below(&["AWS::EKS::Cluster"]) && below(&["AWS::EC2::SecurityGroup"]);
        if is_ours && !below(&["AWS::EKS::FargateProfile", "AWS::EKS::Nodegroup"]) {
            let message = format!("the cluster `{}` has no node group for Karpenter, which cannot run on nodes that it creates", model.path(cluster));
            out.push(
                model
                    .error(id, "MS0212", message)
                    .help("add a node group for Karpenter: `cluster.add_node_group(\"system\", eks::NodeGroupProps::default())`"),
            );
        }
    }
}

fn is_below(model: &Model, node: NodeId, above: NodeId) -> bool {
    let mut next = Some(node);
    while let Some(id) = next {
        if id == above {
            return true;
        }
        next = model.node(id).parent;
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps, NodeGroupProps};
    use crate::mesh::addons::Karpenter;
    use crate::testing::{codes, stack};

    fn with(groups: usize) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "main", &vpc, ClusterProps::default());
            for number in 0..groups {
                cluster.add_node_group(&format!("system-{number}"), NodeGroupProps::default());
            }
            Karpenter::new(&run, "karpenter", &cluster);
        })
    }

    #[test]
    fn reports_karpenter_without_a_node_group() {
        assert_eq!(with(0), ["MS0212"]);
    }

    #[test]
    fn accepts_karpenter_with_a_node_group() {
        assert_eq!(with(1), [""; 0]);
    }
}
