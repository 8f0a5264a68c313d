//! A remote cluster in a mesh that is ambient, or that does not have exactly one primary cluster.
//!
//! In ambient mode Istio knows primary clusters alone. With sidecars a remote
//! cluster follows the istiod of exactly one other cluster; with none its
//! proxies would get no configuration, and with several nothing says which.
//!
//! Leave `control_plane` of `IstioProps` at `Local` in one cluster, or in all of them.
//!
//! Source: <https://istio.io/latest/docs/ambient/install/multicluster/>,
//! <https://istio.io/latest/docs/setup/install/multicluster/primary-remote_multi-network/>
