//! A service of several clusters differs between them, or is not in the mesh.
//!
//! To the mesh a service is its name, namespace and ports. Where one cluster has
//! another port, requests that are sent there find nobody, depending on which
//! cluster answers.
//!
//! Define the workload alike in each cluster, in a namespace of the same name,
//! and share only workloads of clusters that are members of the mesh.
//!
//! Source: <https://istio.io/latest/docs/reference/config/analysis/ist0170/>
