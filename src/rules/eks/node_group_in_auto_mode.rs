//! A node group is added to a cluster in EKS Auto Mode.
//!
//! # What it reports
//!
//! `add_node_group` is called for a cluster with `Compute::AutoMode`.
//!
//! # Why it matters
//!
//! EKS Auto Mode creates its own nodes and runs the pod network inside them. A separate node group would have no pod
//! network, because the add-on for it is not installed.
//!
//! # Fix
//!
//! Remove the node group, or use `Compute::NodeGroups`.
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
    fn reports_a_node_group_in_auto_mode() {
        assert_eq!(with(Compute::AutoMode), ["MS0208"]);
    }

    #[test]
    fn accepts_a_node_group_without_auto_mode() {
        assert_eq!(with(Compute::NodeGroups), [""; 0]);
    }
}
