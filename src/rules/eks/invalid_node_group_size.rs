//! The sizes of a node group are not in order: minimum, desired, maximum.
//!
//! EKS refuses the node group, once the cluster before it has taken its ten minutes.
//!
//! Make `min_nodes` at most `desired_nodes`, and that at most `max_nodes`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html>

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, group) in model.of_type("AWS::EKS::Nodegroup") {
        let size = |key| group.props.at("ScalingConfig")?.at(key).and_then(Data::as_int);
        let (min, desired, max) = (size("MinSize"), size("DesiredSize"), size("MaxSize"));
        let known = [("min", min), ("desired", desired), ("max", max)];
        let known: Vec<_> = known.into_iter().filter_map(|(name, size)| Some((name, size?))).collect();
        if let Some(pair) = known.windows(2).find(|pair| pair[0].1 > pair[1].1) {
            let [(low, a), (high, b)] = [pair[0], pair[1]];
            out.push(
                model
                    .error(id, "MS0203", format!("the node group has {low} {a} above {high} {b}"))
                    .help("want min ≤ desired ≤ max"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps, NodeGroupProps};
    use crate::testing::{codes, stack};

    fn sized(min_nodes: u32, desired_nodes: u32, max_nodes: u32) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "main", &vpc, ClusterProps::default());
            let props = NodeGroupProps { min_nodes, desired_nodes, max_nodes, ..NodeGroupProps::default() };
            cluster.add_node_group("main", props);
        })
    }

    #[test]
    fn sizes_out_of_order_are_an_error() {
        assert_eq!(sized(3, 2, 10), ["MS0203"]);
        assert_eq!(sized(1, 12, 10), ["MS0203"]);
    }

    #[test]
    fn sizes_in_order_are_fine() {
        assert_eq!(sized(2, 2, 2), [""; 0]);
    }
}
