//! The taint of a node group is tolerated by no pod of the program.
//!
//! Nodes of the group are paid for and stay empty, apart from daemons. It is
//! mostly the other half of a change: the group is there, and the workloads for
//! which it was made do not say so.
//!
//! Give the pods that belong there a toleration, `Placement::tolerate`, or remove the taint.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/node-taints-managed-node-groups.html>
