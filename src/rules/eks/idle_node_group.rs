//! No pod of the program tolerates the taint of a node group.
//!
//! # What it reports
//!
//! A node group has a taint that no workload and no Helm release of the cluster tolerates. Pods of a `DaemonSet` do not
//! count. The finding is a warning. Clusters that create nodes themselves (EKS Auto Mode, Karpenter), existing
//! clusters, and clusters without a node group are not checked.
//!
//! # Why it matters
//!
//! The nodes of the group cost money but run only daemons. Often, the node group is one half of a change, and the
//! tolerations of its workloads are missing.
//!
//! # Fix
//!
//! Add a toleration to the pods that belong on these nodes, `Placement::tolerate`, or remove the taint.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/node-taints-managed-node-groups.html>
