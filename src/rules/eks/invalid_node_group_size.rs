//! The sizes of a node group are not in the order minimum, desired, maximum.
//!
//! # What it reports
//!
//! `MinSize` is greater than `DesiredSize`, or `DesiredSize` is greater than `MaxSize`. Sizes that are not set or known
//! only at deployment are not compared.
//!
//! # Why it matters
//!
//! EKS rejects the node group, after about ten minutes for the creation of the cluster.
//!
//! # Fix
//!
//! Set `min_nodes` ≤ `desired_nodes` ≤ `max_nodes`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html>

use crate::policy::{Platform, Report};

pub(super) fn check(platform: &Platform<'_>, report: &mut Report) {
    for group in platform.resources("AWS::EKS::Nodegroup") {
        let size = |name, key: &str| Some((name, group.property("ScalingConfig").get(key).as_int()?));
        let known = [size("min", "MinSize"), size("desired", "DesiredSize"), size("max", "MaxSize")];
        let known: Vec<_> = known.into_iter().flatten().collect();
        if let Some(pair) = known.windows(2).find(|pair| pair[0].1 > pair[1].1) {
            let [(low, a), (high, b)] = [pair[0], pair[1]];
            report.at(&group, format!("the {low} size of the node group is {a}, which is greater than its {high} size {b}")).help("choose sizes with min ≤ desired ≤ max");
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
    fn reports_a_desired_size_outside_the_limits() {
        assert_eq!(sized(3, 2, 10), ["MS0203"]);
        assert_eq!(sized(1, 12, 10), ["MS0203"]);
    }

    #[test]
    fn accepts_sizes_in_order() {
        assert_eq!(sized(2, 2, 2), [""; 0]);
    }
}
