//! A node group is added to a cluster in EKS Auto Mode.
//!
//! Auto Mode makes its own nodes and runs the network of pods inside them; a
//! node group beside it would have no network, since the add-on for it is
//! not installed.
//!
//! Leave the node group out, or use `Compute::NodeGroups`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/automode.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps, Compute, NodeGroupProps};
    use crate::testing::{codes, stack};

    fn with(compute: Compute) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let cluster = Cluster::new(&run, "main", &vpc, ClusterProps { compute, ..ClusterProps::default() });
            cluster.add_node_group("main", NodeGroupProps::default());
        })
    }

    #[test]
    fn a_node_group_beside_auto_mode_is_an_error() {
        assert_eq!(with(Compute::AutoMode), ["MS0208"]);
    }

    #[test]
    fn a_node_group_of_its_own_is_fine() {
        assert_eq!(with(Compute::NodeGroups), [""; 0]);
    }
}
