//! A remote cluster is in an ambient mesh, or in a mesh without exactly one primary cluster.
//!
//! # What it reports
//!
//! `control_plane` of `IstioProps` is remote, and the mode is ambient, or the number of clusters with
//! `ControlPlane::Local` is not one.
//!
//! # Why it matters
//!
//! In ambient mode, Istio supports only primary clusters. With sidecars, a remote cluster uses the istiod of exactly
//! one other cluster. Without one, its proxies get no configuration. With several, the istiod is ambiguous.
//!
//! # Fix
//!
//! Set `control_plane` of `IstioProps` to `Local` in exactly one cluster, or in all of them.
//!
//! Source: <https://istio.io/latest/docs/ambient/install/multicluster/>,
//! <https://istio.io/latest/docs/setup/install/multicluster/primary-remote_multi-network/>
