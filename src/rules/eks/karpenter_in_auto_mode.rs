//! Karpenter is installed in a cluster in EKS Auto Mode.
//!
//! # What it reports
//!
//! `mesh::addons::Karpenter` is added to a cluster with `Compute::AutoMode`.
//!
//! # Why it matters
//!
//! EKS Auto Mode creates nodes with its own Karpenter outside the cluster. A second Karpenter controls the same
//! objects, and both start instances for the same pods.
//!
//! # Fix
//!
//! Remove Karpenter, or use `Compute::NodeGroups`.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/auto-migrate-karpenter.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::eks::{Cluster, ClusterProps, Compute, NodeGroupProps};
    use crate::mesh::addons::Karpenter;
    use crate::testing::{codes, stack};

    fn with(compute: Compute) -> Vec<&'static str> {
        codes(|app| {
            let run = stack(app, "run");
            let vpc = Vpc::new(&run, "vpc", VpcProps::default());
            let is_auto = compute == Compute::AutoMode;
            let cluster = Cluster::new(&run, "main", &vpc, ClusterProps { compute, ..ClusterProps::default() });
            if !is_auto {
                cluster.add_node_group("system", NodeGroupProps::default());
            }
            Karpenter::new(&run, "karpenter", &cluster);
        })
    }

    #[test]
    fn reports_karpenter_in_auto_mode() {
        assert_eq!(with(Compute::AutoMode), ["MS0211"]);
    }

    #[test]
    fn accepts_karpenter_with_a_node_group() {
        assert_eq!(with(Compute::NodeGroups), [""; 0]);
    }
}
