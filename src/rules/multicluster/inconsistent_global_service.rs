//! A service of several clusters has differences between them, or is not in the mesh.
//!
//! # What it reports
//!
//! A workload that is shared between clusters has another name, namespace or main port than the first one, or its
//! cluster is not a member of the mesh.
//!
//! # Why it matters
//!
//! A service of the mesh consists of its name, namespace and ports. If one cluster has another port, requests to that
//! cluster fail, depending on which cluster responds.
//!
//! # Fix
//!
//! Define the workload in the same way in each cluster, in a namespace with the same name. Share only workloads of
//! clusters that are members of the mesh.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0170/>
