//! Karpenter has no node that it could run on.
//!
//! Its controller does not run on nodes that it made itself: it could take away its own. In a cluster without a managed node
//! group its pods wait for ever, and with them every other pod.
//!
//! Add a small managed node group: `cluster.add_node_group("system", ..)`. Its two pods want two nodes, in two zones.
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
        // Of a cluster that is defined elsewhere nobody knows the nodes; Auto Mode is told of by itself.
        let is_ours = below(&["AWS::EKS::Cluster"]) && below(&["AWS::EC2::SecurityGroup"]);
        if is_ours && !below(&["AWS::EKS::FargateProfile", "AWS::EKS::Nodegroup"]) {
            let message = format!("the cluster `{}` has no node group, and Karpenter does not run on nodes of its own", model.path(cluster));
            out.push(
                model
                    .error(id, "MS0212", message)
                    .help("add a node group for it: `cluster.add_node_group(\"system\", eks::NodeGroupProps::default())`"),
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
    fn karpenter_without_a_node_group_is_an_error() {
        assert_eq!(with(0), ["MS0212"]);
    }

    #[test]
    fn karpenter_with_one_is_fine() {
        assert_eq!(with(1), [""; 0]);
    }
}
