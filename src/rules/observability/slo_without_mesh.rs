//! An objective uses request metrics of a workload that is not in a mesh.
//!
//! # What it reports
//!
//! An objective for availability or latency is defined for a workload whose namespace is not in a mesh. An objective of
//! `Slo::ratio` needs no mesh.
//!
//! # Why it matters
//!
//! The proxies of the mesh measure availability and latency. Without a proxy there are no such metrics, so the
//! objective never fails.
//!
//! # Fix
//!
//! Add the namespace to the mesh (`NamespaceProps::mesh`), or define the objective with metrics of the workload:
//! `Slo::ratio`.
//!
//! Source: <https://istio.io/latest/docs/reference/config/metrics/>
