//! Workloads that several clusters share have different names, or lie outside the mesh.
//!
//! To the mesh a service is its name and namespace. Workloads of other names are
//! other services: who calls one of them never gets to the others. `MS1062` looks
//! at the ports and the type of services that are called alike.
//!
//! Define the workload alike in each cluster, in a namespace of the same name,
//! and share only workloads of clusters that are members of the mesh.
//!
//! Source: <https://istio.io/latest/docs/ops/configuration/traffic-management/multicluster/>
