//! An objective on requests of a workload that is not in a mesh.
//!
//! Availability and latency are what the proxies of the mesh measure. Without a
//! proxy there are no such numbers, so the objective would hold forever.
//!
//! Take the namespace into a mesh (`NamespaceProps::mesh`), or make the
//! objective of what the workload counts itself, with `Slo::ratio`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/metrics/>
